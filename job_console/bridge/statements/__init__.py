"""What the site's database says of the statement that a running job waits for. May import `bridge.access` and the
engine.
"""
