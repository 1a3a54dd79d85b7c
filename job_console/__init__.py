"""Job Console: sees, explains and mends the background jobs of a Frappe bench."""

__version__ = "0.1.0"
