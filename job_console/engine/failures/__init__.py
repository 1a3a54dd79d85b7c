"""What failed, all of it, by cause: fingerprints of failures, an index of them in Redis, and the retry of a group that
tries one first. Offers `fingerprint.of`, `index.refresh`, `groups.read` and `canary`. May import `jobs` and what is
below it.
"""
