"""The edge to Redis: connecting, errors, keys, scripts, leases. Offers `link`, `keys`, `leases` and lua/. Imports
`engine.errors` only.
"""
