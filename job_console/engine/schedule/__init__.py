"""Schedules: what runs when, in words, what comes next, what did not run, and what will collide. Offers `store`
(published by a site, read by everybody), `queries` for hosts, `cron` and `upcoming` for times, `outlook` and `rushes`
for the next day. May import `history`, `rq`, `models`, `redis` and `wording`.
"""
