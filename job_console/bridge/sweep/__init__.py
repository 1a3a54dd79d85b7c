"""What a site does with a look: incidents, alerts, notifications, and the bench's watcher process. May import every
other room of the bridge, and the engine.
"""
