"""Reads an app: which files it has, what each says (`visit`, `facts`), and all of them together (`app`, `reach`): who
calls whom, which functions run in jobs, which in a document's event.
"""
