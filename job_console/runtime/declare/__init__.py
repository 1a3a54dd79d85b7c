"""Policies and schedules that an app declares in its code. Offers the decorator (`job_console.job`) and
`declarations`, which migration calls. May import `runtime.transactions`, bridge and engine.
"""
