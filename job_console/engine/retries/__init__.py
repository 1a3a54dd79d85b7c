"""Further attempts of failed jobs, as their policies say. Offers `judge` (pure: whether and when), `store` (what is
due, in Redis), `circuit` (holds a method whose runs all fail) and `end_of_run`, which a job's end calls. May import
`progress`, `rq`, `models` and `redis`.
"""
