"""Enqueueing under a policy. Offers `enqueue.enqueue`, which is `job_console.enqueue`, and the handle that it returns.
May import bridge and engine.
"""
