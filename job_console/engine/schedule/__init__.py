"""Schedules: what runs when, in words, what comes next, what did not run, and what will collide. Framework-free."""
