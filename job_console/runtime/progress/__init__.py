"""How far the running job has come, for the page and for its user. Offers `progress.progress` and `track`, which are
`job_console.progress` and `track`. May import `runtime.current_run`, bridge and engine.
"""
