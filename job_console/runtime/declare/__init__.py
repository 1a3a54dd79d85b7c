"""Policies and schedules that an app declares in its code: `job_console.job`. Offers the decorator, and what
migration does with it. May import `runtime.transactions`, bridge and engine.
"""
