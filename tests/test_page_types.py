"""The page's typedefs of the wire format name what the API really answers, and nothing else."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.test_api_docs import answers

TYPES = Path(__file__).resolve().parents[1] / "job_console/public/js/job_monitor/services/wire/types"
#: By the heading of docs/api.md, one for each of its answers.
INTERFACES = {
    "A snapshot": ["WireSnapshot", "WireLane", "WireWorker"],
    "A job": ["WireJob"],
    "One job": ["WireJobDetail"],
    "A warning": ["WireWarning"],
    "A page of jobs": ["WireJobPage"],
    "Failures": ["WireFailures", "WireFailureGroup", "WireCanary"],
    "Metrics over time": ["WireMetrics"],
    "A moment of the past": ["WireMoment"],
    "What if": ["WireWhatIf"],
    "A slice of a search": ["WireSearchSlice"],
    "A completion": ["WireCompletion"],
    "What waits": ["WireWaiting"],
    "A saved view": ["WireSavedView"],
    "A bulk action": ["WireBulk"],
    "Results": ["{ results: WireResult[] }"],
    "Mended": ["WireMended"],
    "A drain": ["WireDrain"],
    "The audit trail": ["WireAuditPage"],
    "Schedules": ["WireSchedules", "WireSchedule", "WireScheduleEntry"],
    "A cron expression": ["WireCronPreview"],
    "The next day": ["WireDay"],
    "A log": ["WireLog"],
    "A lock": ["WireLock"],
}
#: For the command line, programs and the mail.
NOT_ON_THE_PAGE = {"An own job", "A week"}


@lru_cache
def declared() -> dict[str, dict[str, str]]:
    """Each interface's own fields with their types."""
    text = "\n".join(file.read_text() for file in sorted(TYPES.glob("*.d.ts")))
    text = re.sub(r"/\*\*.*?\*/", "", text, flags=re.DOTALL)
    found = re.findall(r"export (?:interface|type) (\w+)[^{=]*(?:= )?\{(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    return {name: dict(re.findall(r"^\t(\w+)\??: (.*?);$", body, re.DOTALL | re.MULTILINE)) for name, body in found}


def fields(kind: str) -> dict[str, str] | None:
    """Of an interface, or of one that is written in place; None where `kind` is neither."""
    kind = kind.replace(" | null", "").removesuffix("[]").strip("()").replace(" | null", "")
    if kind.startswith("{"):
        return dict(re.findall(r"(\w+)\??: ([^;]+)", kind[1:-1]))
    return declared().get(kind)


def compare(kind: str, answer: Any, where: str) -> None:
    known = fields(kind)
    if isinstance(answer, list) and answer:
        compare(kind, answer[0], where)
    elif isinstance(answer, dict) and known is not None:
        assert set(known) == set(answer), where
        for name, value in answer.items():
            compare(known[name], value, f"{where}.{name}")


@pytest.mark.parametrize("heading", sorted(answers().keys() - NOT_ON_THE_PAGE))
def test_typedefs_have_the_fields_of_the_answers(heading: str) -> None:
    real = answers()[heading]
    assert len(real) == len(INTERFACES[heading])
    for kind, answer in zip(INTERFACES[heading], real, strict=True):
        compare(kind, answer, kind)
