"""What ran and what was done: statistics of methods, recent failures, the audit trail. Offers writers for the job
hooks and readers for looks. May import `models`, `redis` and `rq`.
"""
