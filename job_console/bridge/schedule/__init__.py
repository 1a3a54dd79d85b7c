"""The site's Scheduled Job Types: published, acted on, their logs closed. Offers `schedule`, `actions`, `logs` and
`moved`. May import `bridge.connection` and the engine.
"""
