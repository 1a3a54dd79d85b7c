"""The engine's lock in step with the site's transaction. Offers `lock.lock`, which is `job_console.lock`. May import
`runtime.transactions`, bridge and engine.
"""
