"""What a tick of the scheduler enqueues, as the policies of its schedules say. May import every
other room of the bridge, and the engine.
"""
