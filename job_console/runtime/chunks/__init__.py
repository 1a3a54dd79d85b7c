"""Loops that commit chunk by chunk and go on after an interruption. Offers `each.each`, which is `job_console.each`.
May import `runtime.progress`, `runtime.transactions`, bridge and engine.
"""
