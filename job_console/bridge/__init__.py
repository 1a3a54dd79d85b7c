"""What the engine needs, answered by Frappe. Offers `connection` (the engine of this bench), `access` (who may do
what), `realtime`, and the rooms of policies, schedules, statements, sweeps and ticks. May import the engine and Frappe.
"""
