"""One look at a whole bench: the snapshot, the survey, and what is cached between looks. Offers `snapshot.take`,
`reader.JobReader`, `survey.Survey`. May import the subjects (locks, policies, retries …), `history`, `rq`, `redis`.
"""
