"""The run that this process is in: the hooks around it, its policy, its end. Offers `hooks.before_job` and
`after_job`. May import every other room of the runtime, bridge and engine.
"""
