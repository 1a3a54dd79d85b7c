"""`job_console.lock`: the engine's lock in step with the site's transaction. May import `runtime.transactions`,
bridge and engine.
"""
