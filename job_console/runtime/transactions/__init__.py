"""The site's database transaction: what it has written, savepoints, and the locks that last as long as it does. Offers
`transaction`, `savepoint.Savepoint`, `writes`. May import the engine only.
"""
