"""Where an id stands in a list, also on servers that have no LPOS: see lua/place_in.lua."""

from __future__ import annotations

from .link import Pipeline, script

_ASK = "return place_in(KEYS[1], ARGV[1], tonumber(ARGV[2]))"


def ask(pipeline: Pipeline, key: str, job_id: str, depth: int = 0) -> None:
    """The answer is its place, counted from 0, or None; of the first `depth` only, where that is given."""
    pipeline.eval(script("place_in") + _ASK, 1, key, job_id, depth)
