"""Concurrency limits: at most so many runs at once, of a policy's jobs or of a site's in a lane. Offers `places`: a job
takes a place or is parked, an ended one leaves it, a sweep hands free ones to those who wait. May import `retries`,
`policies`, `progress` and what is below them.
"""
