"""Whether our Lua scripts name the keys that they touch, as a Redis with ACLs, and any Redis of tomorrow, wants it.

All tests of the engine run with `watched`: before each of our scripts stands one that compares every key of every
command with those that were passed in, and ends the script when one was not. `UNKNOWABLE` has those that whoever calls
cannot know, as what stands in Redis alone leads to them, by the script.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from redis.commands.core import ScriptCommands

from job_console.engine.locks import steps
from job_console.engine.redis import keys, link

_JOBS = (keys.JOB_PREFIX,)
#: Of the records of other jobs, which the job's own names: where those stand.
_PLACES = (keys.QUEUE_PREFIX, *(f"rq:{name}:" for name in keys.REGISTRIES.values()))
#: Script: what its keys begin with, and why nobody knows them before.
UNKNOWABLE: dict[str, tuple[tuple[str, ...], str]] = {
    "claim_key": (
        (*_JOBS, *_PLACES, "rq:executions:", "rq:execution:", keys.IN_FAVOUR_PREFIX),
        "who has the unique key, its lane and its executions stand in the key and in records",
    ),
    "canary": (_JOBS, "which jobs are next stands in its list"),
    "fingerprint_lane": (_JOBS, "which jobs run stands in their registry"),
    "fingerprint_locks": ((keys.LOCK_PREFIX,), "the names of locks stand in their list"),
    "lock": ((keys.LOCK_WAKE_PREFIX,), "who is next in the line, and is woken, stands in it"),
    "more_time": (("rq:execution:",), "the executions of a job stand in Redis"),
    "note_output": ((keys.LOG_PREFIX,), "whose log goes first stands in their list"),
    "place": (
        (
            *_JOBS,
            *_PLACES,
            keys.WORKER_PREFIX,
            keys.own("stack_reader:"),
            keys.own("progress:"),
            keys.own("place:waits:"),
        ),
        "holders, those who stand in line, their sites, lanes, workers and hosts stand in Redis",
    ),
    "read_locks": ((keys.LOCK_PREFIX,), "the names of locks stand in their list"),
    "record_run": ((keys.FAILURES + ":",), "which methods are forgotten stands in the index"),
    "repeated": (_JOBS, "the ids stand in the queue"),
    "retry_due": (
        (*_JOBS, *_PLACES, keys.own("tries:"), keys.own("circuit_held:"), keys.own("progress:")),
        "which jobs are due, their lanes and circuits stand in Redis",
    ),
    "survey_page": (_JOBS, "that is what it finds out: which records there are"),
    "transition": (
        (*_JOBS, *_PLACES, keys.WORKER_PREFIX, "rq:execution:", keys.own("process_ended:"), keys.own("circuit_held:")),
        "its worker, its executions, the jobs that it waits for or that wait for it, and its circuit stand in records",
    ),
}
_PRELUDE = """
local redis = (function(real)
  local known, open = {}, {%s}
  for _, key in ipairs(KEYS) do
    known[key] = true
  end
  local function fits(key)
    for _, start in ipairs(open) do
      if string.sub(key, 1, #start) == start then
        return true
      end
    end
    return known[key]
  end
  local function check(command, first, ...)
    if command == 'TIME' or command == 'SCAN' or command == 'PUBLISH' then
      return
    end
    for _, key in ipairs((command == 'DEL' or command == 'EXISTS') and {first, ...} or {first}) do
      if not fits(key) then
        error('undeclared key ' .. key .. ' of ' .. command)
      end
    end
  end
  return setmetatable({
    call = function(...) check(...) return real.call(...) end,
    pcall = function(...) check(...) return real.pcall(...) end,
  }, {__index = real})
end)(redis)
"""


@cache
def ours(text: str) -> str | None:
    """The script that this text ends with."""
    names = (file.stem for file in Path(link._SCRIPTS).glob("*.lua"))
    found = [name for name in names if text.endswith(link.script(name))]
    return max(found, key=lambda name: len(link.script(name)), default=None)


@cache
def with_check(text: str) -> str:
    name = ours(text)
    if name is None or text.startswith(_PRELUDE[:20]):
        return text
    open_, _why = UNKNOWABLE.get("lock" if name.startswith("lock_") else name, ((), ""))
    return _PRELUDE % ", ".join(f"'{start}'" for start in open_) + text


@contextlib.contextmanager
def watched() -> Iterator[None]:
    send, lock_text = ScriptCommands._eval, steps._text

    def eval_checked(self: Any, command: str, script: str, *rest: Any) -> Any:
        return send(self, command, with_check(script) if command.startswith("EVAL") else script, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptCommands, "_eval", eval_checked)
        # Locks know their scripts by digest.
        patch.setattr(steps, "_text", cache(lambda step: with_check(lock_text(step))))
        steps._digest.cache_clear()
        yield
    steps._digest.cache_clear()
