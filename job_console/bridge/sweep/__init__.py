"""What a site does with a look: incidents, alerts, notifications, and the bench's watcher process. Offers
`incidents.pulse` and `incidents.ask`, `watcher`. May import every other room of the bridge but `ticks`, and the
engine.
"""
