"""Our own keys of locks, and of the places that limits of concurrency give."""

from __future__ import annotations

from .prefix import OURS, own

#: All locks by the end of their use: see lua/lock_base.lua, also for what each has.
LOCKS = OURS + "locks"
LOCK_PREFIX = OURS + "lock:of:"
LOCK_LINE_PREFIX = OURS + "lock:line:"
#: A list that a lock is handed over by: its waiter blocks on it.
LOCK_WAKE_PREFIX = OURS + "lock:wake:"

#: Places that somebody waits for, by when that was seen last.
PLACES = OURS + "places"


def lock(name: str) -> str:
    return LOCK_PREFIX + name


def lock_line(name: str) -> str:
    return LOCK_LINE_PREFIX + name


def lock_wake(lease_id: str) -> str:
    return LOCK_WAKE_PREFIX + lease_id


def place(name: str) -> str:
    """Who has one of the places of this name."""
    return own("place", "of", name)


def place_line(name: str) -> str:
    """The sites whose jobs wait for one."""
    return own("place", "line", name)


def place_about(name: str) -> str:
    return own("place", "about", name)


def place_waits(name: str, site: str = "") -> str:
    """A site's jobs that wait for one."""
    return own("place", "waits", name, site)
