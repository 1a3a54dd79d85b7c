"""`job_console.progress` and `track`: how far the running job has come, for the page and for its user. May import
bridge and engine.
"""
