"""Static checks of a Frappe app's background jobs: its Python is read, never imported nor run. Offers `run.lint` (apps
in, a report out), `rules.RULES` (what is checked, and why) and `report` (the ways to print it). Needs the standard
library and croniter only: no Frappe, RQ or Redis, and no other room of ours.
"""
