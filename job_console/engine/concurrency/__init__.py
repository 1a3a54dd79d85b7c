"""At most so many runs at once: `places` counts them, `duty` is what a sweep does for those who wait."""
