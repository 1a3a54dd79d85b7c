"""Enqueueing under a policy: `job_console.enqueue` and the handle that it returns. May import bridge and engine."""
