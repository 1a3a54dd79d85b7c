"""What application code calls around and inside its jobs, and the hooks that run in the work-horse. Offers what
`job_console` itself lists (`enqueue`, `job`, `lock`, `once`, `progress`, `each`) and `run.hooks` for Frappe. May import
the bridge and the engine.
"""
