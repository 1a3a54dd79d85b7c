"""RQ's state, read and acted on. Offers `service`, the one facade that both hosts (the desk and the operator console)
call, and the subjects that the runtime uses inside jobs (`locks`, `progress`, `retries` …). May import redis and rq;
never frappe.
"""
