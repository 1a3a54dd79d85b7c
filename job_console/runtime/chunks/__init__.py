"""Loops that commit chunk by chunk and go on after an interruption: `job_console.each`. Offers `each.each`. May
import `runtime.progress`, `runtime.transactions`, bridge and engine.
"""
