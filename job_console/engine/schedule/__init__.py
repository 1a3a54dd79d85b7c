"""Schedules: what runs when, in words, what comes next, what did not run, and what will collide. Offers `control` for
hosts, `cron` and `future` for times, `board` and `rushes` for the next day. May import `history`, `rq`, `models`,
`redis` and `wording`.
"""
