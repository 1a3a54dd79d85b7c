"""What application code calls around and inside its jobs, and the hooks that run in the work-horse."""
