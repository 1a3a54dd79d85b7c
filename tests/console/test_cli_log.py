"""`job-console log`: what a job has printed and logged, and what it goes on to print."""

from __future__ import annotations

from typing import Any

from rq import Queue

from job_console.console.text import Paint
from job_console.console.text.log import Follower
from job_console.engine.output import record
from job_console.engine.output.ring import Content
from tests.engine.conftest import reading  # noqa: F401  a fixture
from tests.engine.output import work

from .conftest import frappe_job

DATA = b"\x1e1.5\tERROR\tshop.stock\npassword=hunter2\n\x1b[31mred\x1b[0m\n\x1e2.5\t\tstdout\n\x07bell\n"


def test_for_programs_and_for_people(run: Any, lane: Any, redis: Any) -> None:
    job = frappe_job(lane)
    record.write(redis, job.id, Content(1.0, 20_000, DATA))
    document = run("log", job.id, "--json").json
    assert [entry["text"] for entry in document["entries"]] == ["password=••••••\nred", "�bell"]
    done = run("log", job.id, PYTHONIOENCODING="utf-8", TZ="UTC")
    assert done.code == 0
    assert done.out.splitlines() == [
        "Its process did not come to the end of the job: this is what it had printed up to its death.",
        "The first 4 kB were cut.",
        "1970-01-01 00:00:01  error shop.stock  password=••••••",
        "    red",
        "1970-01-01 00:00:02  stdout  �bell",
    ]
    assert run("log", "nobody").code == 4
    assert run("log", job.id, "--json", "--follow").code == 2


def test_it_follows_until_the_job_has_ended(run: Any, redis: Any, workers: Any, reading: Any) -> None:  # noqa: F811
    job = Queue("default", connection=redis).enqueue(work.say_slowly, 4, 0.6)
    workers.start("default")
    done = run("log", job.id, "--follow")
    assert done.code == 0
    assert [line.partition("stdout  ")[2] for line in done.out.splitlines()] == [f"line {n}" for n in range(4)]


def test_what_is_new_in_each_answer() -> None:
    follower, paint = Follower(), Paint(colour=False)

    def lines(*texts: str, begun: str = "a") -> list[str]:
        entries = [
            {"at": f"2026-11-30T21:04:0{text[0]}Z", "level": "", "source": "stdout", "text": text} for text in texts
        ]
        return [
            line.partition("stdout  ")[2] or line
            for line in follower.lines({"begun_at": begun, "entries": entries}, paint)
        ]

    assert lines() == []
    assert lines("1 one", "2 tw") == ["1 one", "2 tw"]
    assert lines("1 one", "2 two\nmore", "3 three") == ["o", "    more", "3 three"]
    assert lines("2 two\nmore", "3 three") == []
    assert lines("7 seven", "8 eight") == ["… (more than is kept was printed meanwhile)", "7 seven", "8 eight"]
    assert lines("1 again", begun="b") == ["1 again"]
