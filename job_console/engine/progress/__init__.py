"""How far running jobs have come, and what is asked of them.

A job reports with one script call at a time (`report`), and hears in the answer what somebody asked of it (`flags`).
"""
