"""The hooks around a job: its policy, its place and lock, its statistics, its next attempt. Offers
`hooks.before_job` and `after_job`. May import every other room of the runtime, bridge and engine.
"""
