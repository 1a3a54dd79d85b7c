"""The look that a process keeps, and the sweep that acts on it: duties, incidents, alerts. Offers `watch.Watch` and
`sweep.sweep`. May import `diagnosis`, `wire` and what is below them.
"""
