"""What a tick of the scheduler enqueues, as the policies of its schedules say. Offers `scheduled_run`. May import every
other room of the bridge, and the engine.
"""
