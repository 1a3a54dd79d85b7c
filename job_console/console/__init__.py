"""The operator console: a command line and an HTTP server over the engine, for when the desk cannot be reached. Offers
`cli` (the verbs), `server` (the HTTP application) and `demo`. May import the engine, never Frappe nor our rooms that
do: it must work when the site, its database or the whole framework does not.
"""
