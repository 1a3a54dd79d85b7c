"""The process that each host of a bench has beside its workers: it reads the stacks of its jobs, and does due duties
while no other process does. Offers `reader` (a program) and `duty_thread`, which starts it. May import every other room
of the engine.
"""
