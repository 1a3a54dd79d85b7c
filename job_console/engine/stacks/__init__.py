"""Where a running job is: its Python stack, and what the kernel knows of its process, read without the job's help.
Offers `serving` for the hooks around a job (which arm its process), `where.look` for whoever asks, `post_mortem` and
`liveness` for what was killed. May import `progress`, `rq`, `models` and `redis`.
"""
