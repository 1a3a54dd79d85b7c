"""The operator console: a command line and an HTTP server over the engine, for when the desk cannot be reached.

Start at `cli` (the verbs) or `server` (the HTTP application). Also the zero-install demo: `demo`.
Imports no Frappe: it must work when the site, its database or the whole framework does not.
"""
