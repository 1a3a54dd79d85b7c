"""A distributed lock: fenced, owned, first come first served, visible (docs/locks.md says what it promises). Offers
`lock.Lock` for a caller, `registry` for who has what, `waitfor` for deadlocks; `steps` are its atomic steps, one script
each, and `heartbeat` renews what this process holds. May import `models`, `redis` and `rq`.
"""
