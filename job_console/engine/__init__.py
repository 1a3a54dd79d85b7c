"""RQ's state, read and acted on. Knows redis and rq; never frappe.

Start at `service`: the one facade that both hosts (the desk and the operator console) call.
"""
