"""What ran and what was done, kept in Redis: statistics of methods, recent failures, the audit trail. Offers writers
for the job hooks (`statistics.record`) and actions (`audit`), and readers for looks. May import `models`, `redis` and
`rq`.
"""
