"""What people want of a method's jobs. Offers `store` (published by a site, read by everybody), `check`, `words`,
`templates` and `unique` keys; it decides and describes, and never runs or stops a job. May import `locks`, `history`
and what is below them.
"""
