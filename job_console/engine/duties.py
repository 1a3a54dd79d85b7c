"""Every duty of the sweep that needs no framework: a `sweep.Duty` each. Add one here and in its own file."""

from __future__ import annotations

from .sweep import Duty

DUTIES: tuple[Duty, ...] = ()
