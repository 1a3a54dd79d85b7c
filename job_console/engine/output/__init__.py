"""What a job prints and logs, its last kilobytes: caught in its own process (`capture`), read by the reader of its host
as long as it runs (`ring`), kept in Redis (`record`) and shown (`entries`, `wire`). May import rq, models and redis.
"""
