"""RQ's bytes, read without running them: payloads, records, calls. Offers `records`, `payload`, `call` as pure
functions, and the restricted unpickler behind them. May import `models` and `redis`.
"""
