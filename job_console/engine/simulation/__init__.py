"""What would change, had a bench other workers, methods in other queues or schedules at other times: its recorded load,
drawn anew and played through the changed bench. Offers `load` (from history), `what_if` and `changes` for hosts. Pure
but for `load.read`. May import `schedule`, `history` and `models`.
"""
