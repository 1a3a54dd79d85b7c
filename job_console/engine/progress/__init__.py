"""How far running jobs have come, and what is asked of them. Offers `meter.Meter` (a job reports with one script call,
and reads in the answer what was asked of it), `flags` for who asks, `hand_over` for a job that goes on in another run.
May import `wording`, `rq`, `models` and `redis`.
"""
