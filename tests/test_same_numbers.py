"""Numbers and names that a Lua script or the page has to repeat: as the engine's own say them."""

from __future__ import annotations

import json
import re

import pytest

from job_console.engine.diagnosis import limits as diagnosis
from job_console.engine.jobs import actions, operations
from job_console.engine.jobs import limits as jobs
from job_console.engine.models.policies import CATCH_UP, OVERLAP
from job_console.engine.operate import limits as operate
from job_console.engine.policies import limits as policies
from job_console.engine.progress import limits as progress
from job_console.engine.retries import limits as retries
from job_console.engine.rq.endings import USUAL
from job_console.engine.watch import limits as watch

from .support.processes import ROOT

LUA = ROOT / "job_console" / "engine" / "redis" / "lua"
PAGE = ROOT / "job_console" / "public" / "js" / "job_monitor"
DAY_S = 86_400

#: What it is: where, the pattern that finds the number, and what it must be.
NUMBERS = {
    "how deep a list is asked": (LUA / "transition_places.lua", r"DEEP = (\d+)", policies.LPOS_DEPTH),
    "how long RQ keeps a failure": (LUA / "transition.lua", r"'failure_ttl'\) or ''\) or (\d+)", USUAL["failed"][1]),
    "how long attempts are kept": (LUA / "retry_due.lua", r"'EXPIRE', HELD, (\d+)", retries.TRIES_TTL_S),
    "a timeout is near": (PAGE / "domain/elapsed.js", r"NEAR_SHARE = ([\d.]+)", diagnosis.TIMEOUT_NEAR_SHARE),
    "progress is silent": (PAGE / "domain/progress.js", r"SILENT_S = (\d+)", progress.PROGRESS_SILENT_S),
    "starts at once": (PAGE / "components/lanes/LaneHeader.vue", r"AT_ONCE_S = (\d+)", diagnosis.AT_ONCE_S),
    "acknowledged for": (
        PAGE / "domain/silencing.js",
        r'"acknowledge",\s+seconds: (\d+) \* DAY',
        watch.SILENCE_S / DAY_S,
    ),
    "muted for": (PAGE / "domain/silencing.js", r"seconds: (\d+) \* DAY[^}]*\},\n\];", watch.SILENCE_MAX_S / DAY_S),
    "held for": (PAGE / "domain/holds.js", r"DURATIONS = \[.*?(\d) \* 86_400\]", operate.HOLD_MAX_S / DAY_S),
    "ordered by their ends": (PAGE / "components/jobs/PagedJobs.vue", r"up to ([\d,]+) jobs", jobs.SORTED_ROWS),
    "moved at once": (PAGE / "domain/operation_words.js", r"The first ([\d,]+) that wait", jobs.BULK_JOBS),
}


def keys_of(file: str, name: str) -> list[str]:
    """Of an object that the page exports, without those that it takes over from others."""
    body = re.search(rf"export const {name} = \{{\n(.*?)\n\}};", (PAGE / file).read_text("utf-8"), re.DOTALL)
    assert body, (file, name)
    return re.findall(r"^\t(\w+): ", body[1], re.MULTILINE)


@pytest.mark.parametrize("what", NUMBERS)
def test_a_repeated_number_is_the_engines(what: str) -> None:
    file, pattern, expected = NUMBERS[what]
    found = re.findall(pattern, file.read_text("utf-8"))
    assert [float(each.replace(",", "")) for each in found] == [float(expected)], file.name


def test_the_page_has_words_for_what_can_be_done() -> None:
    assert set(actions.STATES) - {"resume"} <= set(keys_of("domain/action_words.js", "ACTIONS"))
    assert set(keys_of("domain/operation_words.js", "OPERATION_WORDS")) == {*operations.OPERATIONS, "resume"}


def test_the_page_has_words_for_what_a_policy_says_of_schedules() -> None:
    assert keys_of("domain/schedule.js", "CATCH_UP") == list(CATCH_UP)
    assert keys_of("domain/schedule.js", "OVERLAP") == list(OVERLAP)


def test_the_desk_and_the_console_are_built_with_the_same_libraries() -> None:
    for name, version in json.loads((ROOT / "package.json").read_text())["dependencies"].items():
        assert json.loads((ROOT / "ui" / "package.json").read_text())["dependencies"][name] == version
