"""A distributed lock: fenced, owned, first come first served, visible.

`steps` are its atomic steps (one script each), `lock.Lock` is what a caller holds, `heartbeat` renews what this process
holds, `registry` reads who has what, `waitfor` finds deadlocks. What it promises, and what not: docs/locks.md.
"""
