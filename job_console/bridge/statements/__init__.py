"""What the site's database says of the statement that a running job waits for. Offers `statements.where`. May import
`bridge.access` and the engine.
"""
