# ruff: noqa: E501  a row is a fact, and stands on one line
"""Why, in words, state by state: the pure part of explanations, table by table."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from job_console.engine.diagnosis import process_end
from job_console.engine.diagnosis.explain.case import Facts
from job_console.engine.models.bench import Bench, Counts, Lane, Usual
from job_console.engine.models.jobs import Call, Failure, Job, Run
from job_console.engine.models.outcomes import AuditEntry
from job_console.engine.models.progress import Progress
from job_console.engine.models.warnings import Warning
from job_console.engine.redis import keys
from job_console.engine.scope import Scope
from job_console.engine.wording import lasted, ordinal

from ..bench import LONG
from .explained import AGING, IMPORT, NOW, USUAL, before, bench, job, reported, running, sentences, worker

STARTED = {
    "in order": (AGING, bench(AGING), None, "It is running: for 12 min of the 25 min that it may. Worker w-monthly_aging was heard of 5 s ago.", False),
    "usually": (IMPORT, bench(IMPORT), USUAL["import_bank"], "It is running: for 4 min of the 25 min that it may, usually 18 min. Worker", False),
    "its worker is gone": (replace(AGING, lease_until=before(300)), bench(), None, "monthly_aging lost its worker: that worker's record is gone.", True),
    "its lease ran out": (replace(AGING, lease_until=before(300)), bench(workers=(worker(IMPORT, name="w-monthly_aging"),)), None, "monthly_aging lost its worker: its lease ran out 5 min ago.", True),
    "its worker is idle": (AGING, bench(workers=(worker(None, name="w-monthly_aging"),)), None, "monthly_aging lost its worker: that worker is idle: the process of the job ended and said nothing.", True),
    "its worker's clock is behind": (replace(AGING, lease_until=before(300)), bench(AGING), None, "It is running", False),
    "a ghost": (replace(AGING, lease_until=None), bench(), None, "monthly_aging is a ghost: its record says started, but no worker runs it.", True),
    "no lease, but held": (replace(AGING, lease_until=None), bench(AGING), None, "It is running", False),
    "past its timeout": (running("monthly_aging", 1600), bench(AGING), None, "monthly_aging has run 27 min, 100 s beyond its timeout", False),
    "overrunning": (AGING, bench(AGING, usual={"monthly_aging": Usual(40, 60.0, 90.0, 1.0)}), None, "monthly_aging has run 12 min, usually 60 s.", False),
}  # fmt: skip


@pytest.mark.parametrize(("subject", "around", "usual", "first", "proof"), STARTED.values(), ids=STARTED)
def test_what_a_started_job_does(subject: Job, around: Bench, usual: Usual | None, first: str, proof: bool) -> None:
    explanation = reported(subject, around, facts=Facts(usual=usual))
    assert sentences(explanation)[0].startswith(first)
    assert explanation.needs_proof is proof


SILENT = "It is running, but has told nothing of its progress for a while."
BRIEF = {
    "tells nothing": ({}, None, "It is running. Worker: w-import_bank."),
    "usually": ({}, USUAL["import_bank"], "It is running. It usually takes 18 min. Worker: w-import_bank."),
    "progresses": ({"progress": Progress(60, 80, at=before(1), rate=2.0)}, None, "It is running and progressing. Worker: w-import_bank."),
    "says no more": ({"progress": Progress(60, 80, at=before(50))}, None, f"{SILENT} Worker: w-import_bank."),
}  # fmt: skip


@pytest.mark.parametrize(("change", "usual", "brief"), BRIEF.values(), ids=BRIEF)
def test_for_who_shows_its_clocks_it_is_said_without_them(
    change: dict[str, Any], usual: Usual | None, brief: str
) -> None:
    """In the drawer one figure stood still and said "about 5 s left", while the same one beside it went on to 0 s."""
    explanation = reported(replace(IMPORT, **change), bench(IMPORT), facts=Facts(usual=usual))
    assert explanation.reasons[0].brief == brief
    assert "4 min" in explanation.reasons[0].text


def test_near_its_timeout() -> None:
    said = sentences(reported(running("monthly_aging", 1400), bench(AGING)))
    assert said[1] == "monthly_aging will be stopped by its timeout in 100 s."
    going = replace(running("monthly_aging", 1400), progress=Progress(60, 80, at=before(1), rate=2.0))
    said = sentences(reported(going, bench(going)))
    assert said[1] == "monthly_aging will be stopped by its timeout in 100 s. It is at 60 of 80."


FAILED_DEP = job("failed", "import_bank", error=Failure("ValueError", "no stock"), ended_at=before(180))

DEFERRED = {
    "waits for one that runs": ((IMPORT,), ["It waits for import_bank, which has run for 4 min."], False),
    "waits for one that waits": ((job(method="import_bank"),), ["It waits for import_bank, which waits itself, in long."], False),
    "one has ended, one has not": ((job("finished", "a"), job("scheduled", "b")), ["It waits for b, which is to run later."], False),
    "failed": ((FAILED_DEP,), ["send_email waits for ever: the job import_bank that it depends on failed.", "import_bank failed 3 min ago: ValueError: no stock."], True),
    "gone": ((job("vanished", "gone-one"),), ["send_email waits for ever: the job gone-one that it depends on is gone."], True),
    "canceled": ((job("canceled", "import_bank"),), ["send_email waits for ever: the job import_bank that it depends on was canceled."], True),
    "all have ended": ((job("finished", "a"),), ["send_email waits for ever: all that it depends on has finished, and nothing enqueued it."], True),
    "several": (tuple(job(method=f"m{n}") for n in range(5)), [*(f"It waits for m{n}, which waits itself, in long." for n in range(3)), "And for 2 more jobs."], False),
    "another site's": ((job("started", "x", "b.localhost", started_at=before(9)),), ["It waits for a job of another site, which has run for 9 s."], False),
}  # fmt: skip


@pytest.mark.parametrize(("awaited", "said", "proof"), DEFERRED.values(), ids=DEFERRED)
def test_what_a_deferred_job_waits_for(awaited: tuple[Job, ...], said: list[str], proof: bool) -> None:
    subject = job("deferred", dependencies=tuple(each.id for each in awaited))
    explanation = reported(subject, bench(None), facts=Facts(dependencies=awaited), scope=Scope("a.localhost"))
    assert sentences(explanation) == said
    assert explanation.needs_proof is proof
    assert bool(explanation.reasons[0].remedies) is proof


NO_MOVER = "Nothing will move it then: no scheduler of RQ runs for long, and Frappe's workers have none."

SCHEDULED = {
    "later, moved": (-7200, True, ["It is due in 2 h."], 7200.0, False),
    "later, never moved": (-7200, False, ["It is due in 2 h.", NO_MOVER], None, False),
    "now": (1, True, ["It is due now."], 0.0, False),
    "overdue": (7200, False, ["send_email was due 2 h ago and will not run: no scheduler of RQ runs for this lane."], None, True),
    "overdue, moved": (7200, True, ["send_email was due 2 h ago and will not run: RQ's scheduler does not come to it."], None, True),
}  # fmt: skip


@pytest.mark.parametrize(("late", "mover", "said", "start", "proof"), SCHEDULED.values(), ids=SCHEDULED)
def test_when_a_scheduled_job_is_due(
    late: float, mover: bool, said: list[str], start: float | None, proof: bool
) -> None:
    around = bench(None, lane=Lane(LONG, Counts(scheduled=1), has_mover=mover))
    explanation = reported(job("scheduled", due_at=before(late)), around)
    assert (sentences(explanation), explanation.expected_start_s, explanation.needs_proof) == (said, start, proof)


def test_a_retry_that_is_scheduled_says_why() -> None:
    run = Run(1, "retried", None, before(30), error=Failure("ValueError", "no stock"))
    around = bench(None, lane=Lane(LONG, Counts(scheduled=1), has_mover=True))
    assert (
        sentences(reported(job("scheduled", due_at=before(-60)), around, runs=(run,)))[1]
        == "It failed before 30 s ago: ValueError: no stock."
    )


ENDED_AT = {"started_at": before(192), "ended_at": before(180)}

FAILED = {
    "an exception": (Failure("ValueError", "no stock"), "It failed 3 min ago after 12 s: ValueError: no stock."),
    "no message": (Failure("KeyboardInterrupt", ""), "It failed 3 min ago after 12 s: KeyboardInterrupt."),
    "killed": (Failure("WorkHorseTerminated", "Work-horse terminated unexpectedly; waitpid returned 9 (signal 9);"), "It failed 3 min ago after 12 s: its process was killed (SIGKILL), as the kernel does when memory runs out."),
    "segfault, old rq": (Failure("WorkHorseTerminated", "Work-horse terminated unexpectedly; waitpid returned 11"), "It failed 3 min ago after 12 s: its process crashed (SIGSEGV) in native code, as a faulty C library does."),
    "segfault with a core": (Failure("WorkHorseTerminated", "Work-horse terminated unexpectedly; waitpid returned 139 (signal 11); "), "It failed 3 min ago after 12 s: its process crashed (SIGSEGV) in native code, as a faulty C library does."),
    "exit code": (Failure("WorkHorseTerminated", "Work-horse terminated unexpectedly; waitpid returned 768; "), "It failed 3 min ago after 12 s: its process left with exit code 3, without an exception."),
    "RQ's own end": (Failure("WorkHorseTerminated", "Work-horse terminated unexpectedly; waitpid returned 256; "), "It failed 3 min ago after 12 s: its process left with exit code 1, as RQ's own does when it cannot write down how a job ended."),
    "a signal of no name": (Failure("WorkHorseTerminated", "waitpid returned 33 (signal 33); "), "It failed 3 min ago after 12 s: its process was killed (signal 33)."),
    "ended without a word": (Failure("WorkHorseTerminated", "Work-horse terminated unexpectedly; waitpid returned None"), "It failed 3 min ago after 12 s: its process ended without a word. Work-horse terminated unexpectedly; waitpid returned None."),
    "abandoned": (Failure("AbandonedJobError", ""), "It failed 3 min ago after 12 s: its worker or its process ended in the middle, and RQ's maintenance found that out later."),
    "limbo": (Failure("StuckInIntermediateQueue", ""), "It failed 3 min ago after 12 s: its worker died between taking it and starting it."),
    "timeout": (Failure("JobTimeoutException", "Task exceeded"), "It failed 3 min ago after 12 s: it ran out of time. It may run 5 min."),
    "its callback's timeout": (Failure("JobTimeoutException", "Task exceeded maximum timeout value (20 seconds)", callback="on_success"), "It failed 3 min ago: its work was done, then its on_success callback failed, so RQ calls it failed: it ran out of time. That callback may run 20 s."),
    "a timeout that was made longer": (Failure("JobTimeoutException", "Task exceeded maximum timeout value (345 seconds)"), "It failed 3 min ago after 12 s: it ran out of time. It may run 6 min."),
    "nothing kept": (None, "It failed 3 min ago; no error of it is kept."),
}  # fmt: skip


@pytest.mark.parametrize(("error", "first"), FAILED.values(), ids=FAILED)
def test_why_it_failed(error: Failure | None, first: str) -> None:
    explanation = reported(job("failed", error=error, timeout_s=300.0, **ENDED_AT), bench(None))
    assert sentences(explanation) == [first]
    assert [(each.action, each.safe) for each in explanation.reasons[0].remedies] == [("retry", False)]


def test_it_fails_again_and_again() -> None:
    loop = Warning("crash_loop", "warning", "send_email fails again and again.", evidence={"method": "send_email"})
    other = replace(loop, evidence={"method": "other"}, message="other fails")
    runs = tuple(Run(number, "failed", None, before(10)) for number in (1, 2, 3))
    subject = job("failed", error=Failure("ValueError", "no stock"), **ENDED_AT)
    said = sentences(reported(subject, bench(None), runs=runs, warnings=(other, loop), expires_at=before(-7200)))
    assert said[1:] == [
        "It has been tried 3 times.",
        "send_email fails again and again.",
        "It is kept for 2 h more, then nothing remembers it.",
    ]


def entry(action: str, reason: str = "", **more: Any) -> Facts:
    return Facts(action=AuditEntry("sam@x", action, "send_email", True, "", "", reason, at=before(180), **more))


ENDED = {
    "failed by hand": ("failed", entry("fail", "host burnt"), "It was marked as failed by sam@x 3 min ago: host burnt."),
    "stopped": ("stopped", entry("stop", "too long!"), "It was stopped by sam@x 3 min ago: too long!"),
    "stopped elsewhere": ("stopped", Facts(), "It was stopped 3 min ago, not from here: no name is recorded."),
    "canceled": ("canceled", entry("cancel"), "It was canceled by sam@x 3 min ago."),
    "canceled elsewhere": ("canceled", entry("retry"), "It was canceled, but not from here: no name is recorded."),
    "finished": ("finished", Facts(usual=Usual(9, 8.0, 20.0, 1.0)), "It finished 3 min ago after 12 s, usually 8 s."),
    "finished in name": ("finished", Facts(hidden_failure="ValueError: no stock"), "Its work failed, though RQ calls it finished: ValueError: no stock."),
    "no state of RQ's": ("limp", Facts(), "Its record says 'limp', which is no state of RQ's."),
}  # fmt: skip


@pytest.mark.parametrize(("state", "facts", "first"), ENDED.values(), ids=ENDED)
def test_how_it_ended(state: str, facts: Facts, first: str) -> None:
    assert sentences(reported(job(state, **ENDED_AT), bench(None), facts=facts))[0] == first


def test_it_ran_as_a_new_job() -> None:
    said = sentences(reported(job("finished", **ENDED_AT), bench(None), facts=entry("retry", "once more", detail="Y")))
    assert said[1] == "It ran again as the new job Y, by sam@x 3 min ago: once more."


def test_a_finished_schedule_that_does_not_come_again() -> None:
    subject = job("finished", call=Call("pull", "pull", "scheduled", "a.localhost"), **ENDED_AT)
    down = Warning("scheduler_down", "critical", "Nothing scheduled runs on a.localhost.", site="a.localhost")
    assert down.message in sentences(reported(subject, bench(None), warnings=(down,)))
    assert down.message not in sentences(reported(subject, bench(None), warnings=(replace(down, site="b.localhost"),)))
    blocked = replace(down, code="blocked_schedule", message="The schedule is blocked.", job_id=f"{subject.id}||2")
    assert blocked.message in sentences(reported(subject, bench(None), warnings=(blocked,))), "by a run beside it"
    assert blocked.message not in sentences(
        reported(subject, bench(None), warnings=(replace(blocked, job_id="another"),))
    )


def test_every_state_has_its_words_whatever_is_missing() -> None:
    for state in (*keys.REGISTRIES, "queued", "stopped", "vanished", ""):
        bare = Job("x", "", state, Call("x", "x", "unreadable"))
        assert all(sentences(reported(bare, Bench(NOW, (), ()))))


def test_ordinals_and_signals() -> None:
    wanted = {
        1: "1st",
        2: "2nd",
        3: "3rd",
        4: "4th",
        11: "11th",
        12: "12th",
        13: "13th",
        21: "21st",
        112: "112th",
        1022: "1,022nd",
    }
    assert {number: ordinal(number) for number in wanted} == wanted
    assert "SIGTERM" in process_end.words(f"waitpid returned 15 (signal {int(signal.SIGTERM)})")


def test_a_run_that_its_own_worker_had_to_kill_is_told_from_one_that_vanished() -> None:
    """`waitpid returned None` is all that RQ says of both (rq#1186, rq#1966)."""
    error = Failure("WorkHorseTerminated", "Work-horse terminated unexpectedly; waitpid returned None; ")
    deaf = job("failed", error=error, timeout_s=300.0, started_at=before(541), ended_at=before(180))
    said = "it ran out of time and did not hear its timeout of 5 min: its worker killed it a minute later."
    assert said in sentences(reported(deaf, bench(None)))[0]
    endless = replace(deaf, timeout_s=-1.0)
    assert "its process ended without a word" in sentences(reported(endless, bench(None)))[0]


#: Seconds, and how both the engine and the page say them (ui/tests/domain/format.test.js reads it, too).
DURATIONS = json.loads((Path(__file__).resolve().parents[3] / "ui/tests/domain/durations.json").read_text())


@pytest.mark.parametrize(("seconds", "text"), DURATIONS)
def test_durations_are_said_as_the_page_says_them(seconds: float, text: str) -> None:
    assert lasted(seconds) == text


def test_what_is_left_is_said_as_the_page_says_it() -> None:
    """It showed "kept for 7 d" beside "in 6 d"."""
    subject = job("failed", error=Failure("ValueError", "no stock"), **ENDED_AT)
    said = sentences(reported(subject, bench(None), expires_at=before(-7 * 86_400 + 20)))
    assert said[-1] == "It is kept for 7 d more, then nothing remembers it."
