"""RQ's bytes, read without running them: payloads, records, calls. Offers `records`, `payload`, `call` as pure
functions. May import `models` and `redis`.
"""
