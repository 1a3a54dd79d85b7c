def get_context(context: object) -> None:
    """Frappe asks every standard notification for more context; the incident says it all."""
