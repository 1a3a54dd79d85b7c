"""One look at a whole bench: the snapshot, the survey of records in slices, and what is cached between looks. Offers
`snapshot.take`, `reader.JobReader`, `survey.Survey`. May import the subjects (`locks`, `policies`, `retries`,
`schedule` …), `history`, `rq`, `redis`.
"""
