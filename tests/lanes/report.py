"""Where the time went, from what the steps took and from pytest's own reports."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .lane import Done, Lane

SLOWEST = 20

#: How the runners close: pytest and Vitest by words, Frappe's (unittest) by lines of its own.
_RAN = re.compile(r"^Ran (\d+) tests? in", re.M)
_UNITTEST = re.compile(r"(failures|errors|skipped)=(\d+)")
_VITEST = re.compile(r"^\s*Tests\s+(.*)\(\d+\)\s*$", re.M)
_WORDS = re.compile(r"(\d+) (passed|failed|skipped|errors?)\b")
_PYTEST = re.compile(r"^=*\s*(\d+ (?:passed|failed|skipped|errors?|deselected|xfailed|warnings?).*) in [\d.]+s", re.M)
#: Frappe's runner says how long a slow one took.
_FRAPPES = re.compile(r"^\s*[✔✖]\s+(\w+).*\(([\d.]+)s\)", re.M)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Slow:
    seconds: float
    test: str
    step: str


def counts(output: str) -> Counter[str]:
    """`passed`, `failed`, `skipped` of all runners that closed in this output."""
    found: Counter[str] = Counter()
    output = _COLOUR.sub("", output)
    for line in [*_PYTEST.findall(output), *_VITEST.findall(output)]:
        for number, word in _WORDS.findall(line):
            found["failed" if word.startswith("error") else word] += int(number)
    for ran in _RAN.finditer(output):
        said = Counter({word: int(number) for word, number in _UNITTEST.findall(output[ran.end() : ran.end() + 200])})
        failed = said["failures"] + said["errors"]
        found.update(passed=int(ran[1]) - failed - said["skipped"], failed=failed, skipped=said["skipped"])
    return found


def timed(done: Done) -> Iterator[Slow]:
    """The tests whose times this step told."""
    if done.step.junit and done.step.junit.exists():
        for case in ElementTree.parse(done.step.junit).iter("testcase"):
            yield Slow(float(case.get("time", 0)), f"{case.get('classname')}::{case.get('name')}", done.step.name)
    for test, seconds in _FRAPPES.findall(_COLOUR.sub("", done.output)):
        yield Slow(float(seconds), test, done.step.name)


def table(lanes: Sequence[Lane], seconds: float) -> list[str]:
    """Lines: each lane and its steps with their times and tests, then the slowest tests of all."""
    rows, slow, all_counts = [], [], Counter[str]()
    for lane in lanes:
        rows.append(_row(lane.name, sum(done.seconds for done in lane.done), lane.done, Counter()))
        for done in lane.done:
            found = counts(done.output)
            all_counts += found
            rows.append(_row(f"  {done.step.name}", done.seconds, [done], found))
            slow += timed(done)
    slow.sort(key=lambda each: -each.seconds)
    return [
        "\n== Where the time went",
        "   time  processor",
        *rows,
        _row("in all, lanes side by side", seconds, [done for lane in lanes for done in lane.done], all_counts),
        f"\n== The {SLOWEST} slowest tests",
        *(f"{each.seconds:7.1f} s  {each.test}  ({each.step})" for each in slow[:SLOWEST]),
        "",
        f"{all_counts['passed']} passed, {all_counts['failed']} failed, {all_counts['skipped']} skipped",
    ]


def failures(lanes: Iterable[Lane]) -> list[Done]:
    return [done for lane in lanes for done in lane.done if done.code]


def _row(name: str, seconds: float, steps: Iterable[Done], found: Counter[str]) -> str:
    tests = ", ".join(f"{found[word]} {word}" for word in ("passed", "failed", "skipped") if found[word])
    processor = sum(done.processor for done in steps)
    return f"{seconds:6.0f} s  {processor:6.0f} s   {name:<44} {tests}".rstrip()
