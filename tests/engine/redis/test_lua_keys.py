"""Every test of the engine compares the keys that our scripts touch with those that they were given: see
tests/support/lua_keys.py. Here: that it would be noticed, and that no script is forgotten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import redis as redis_py

from job_console.engine.redis import link
from job_console.engine.redis.link import script
from tests.support.lua_keys import UNKNOWABLE, ours, with_check

SCRIPTS = {file.stem: file.read_text() for file in Path(link._SCRIPTS).glob("*.lua")}


@pytest.mark.parametrize("way", ["call", "pcall"])
def test_a_key_that_was_not_passed_in_ends_the_script(redis: redis_py.Redis, way: str) -> None:
    script_text = script("give_back_key")
    sly = f"redis.{way}('DEL', KEYS[1], 'made ' .. ARGV[1])\n{script_text}"
    redis.set("made up", 1)
    assert ours(sly) == "give_back_key"
    with pytest.raises(redis_py.ResponseError, match="undeclared key made up of DEL"):
        redis.eval(sly, 1, "one", "up")
    with pytest.raises(redis_py.ResponseError, match="undeclared key made up of DEL"):
        redis.pipeline().eval(sly, 1, "one", "up").execute()
    assert redis.get("made up") == b"1"
    assert redis.eval(script_text, 1, "one", "up") is None


def test_what_cannot_be_known_is_allowed_to_that_script_only(redis: redis_py.Redis) -> None:
    reads = "redis.call('GET', 'rq:job:somebody')\n"
    assert redis.eval(with_check(reads + script("repeated")), 1, "q", 0, 0, 0, 0) == []
    with pytest.raises(redis_py.ResponseError, match="undeclared key"):
        redis.eval(reads + script("disarm"), 1, "one", "a", "b")


def test_keys_are_made_up_by_those_scripts_only_that_cannot_know_them() -> None:
    """By their text: a name of a key in a script is a constant that is passed in too, or stands in the table."""
    shared = {
        "place_in",
        "circuit_held",
        "trail",
        "dependencies",
        "transition_steps",
        "transition_places",
        "lock_base",
        "lock_read",
    }
    for name, text in SCRIPTS.items():
        code = re.sub(r"--.*", "", text)
        made = re.search(r"'rq:[a-z_:-]*:'\s*\.\.|_PREFIX \.\.|prefix \.\.", code)
        if made and name not in shared and not name.startswith("lock_"):
            assert name in UNKNOWABLE, f"{name} makes up {made[0]}"
