"""The site's Scheduled Job Types: published, acted on, and run as their policies say. May import `bridge.connection`,
`bridge.policies` and the engine.
"""
