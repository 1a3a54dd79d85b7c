"""The edge to Redis: connecting, errors, keys, scripts, leases. Offers `link`, `keys`, `leases`, `transition` and the
scripts in lua/. May import `errors` only.
"""
