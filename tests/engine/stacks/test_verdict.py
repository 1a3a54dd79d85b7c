"""What two samples mean, and that whatever stands in Redis is read without harm."""

from __future__ import annotations

from dataclasses import replace
from time import time

import pytest

from job_console.engine.host import sampling
from job_console.engine.models.stacks import Armed, Frame, Process, Sample, Seen, Stack, Thread, Wait
from job_console.engine.stacks import code_lines, frames, verdict
from job_console.engine.stacks import limits as stacks_limits

APP = Frame("/home/x/bench/apps/shop/shop/stock.py", 88, "pull")
FRAPPE = Frame("/home/x/bench/apps/frappe/frappe/utils/background_jobs.py", 219, "execute_job")
GET = Frame("/home/x/bench/env/lib/python3.11/site-packages/requests/api.py", 73, "get")
RECV = Frame("/usr/lib/python3.11/socket.py", 706, "readinto")
STACK = Stack(True, (RECV, GET, APP, FRAPPE))


def sample(
    at: float, cpu_s: float = 1.0, stack: Stack | None = STACK, state: str = "S", wait: str = "", queued_s: float = 0.0
) -> Sample:
    thread = Thread(7, state, cpu_s, 0, Wait(wait) if wait else None)
    stacks = (stack,) if stack else ()
    process = Process(state, cpu_s, 10**8, 2 * 10**8, (thread,), queued_s)
    return Sample(at, process, stacks, "" if stack else "it is busy")


def seen(before: Sample, after: Sample, since: float = 0.0) -> Seen:
    return Seen(before, after, since)


def test_waiting_names_the_line_the_call_and_how_long() -> None:
    found = verdict.of(seen(sample(240), sample(241)))
    assert (found.kind, found.waits_for, found.place) == ("waiting", "network", APP)
    assert found.text == (
        "It has not moved from stock.py:88 (pull) for 4 min, in requests.api.get: "
        "it waits for an answer over the network."
    )


def test_a_databases_driver_waits_in_a_socket_for_the_database() -> None:
    driver = Frame("/x/env/lib/python3.11/site-packages/pymysql/connections.py", 812, "_read_bytes")
    found = verdict.of(seen(*(sample(at, stack=Stack(True, (RECV, driver, APP, FRAPPE))) for at in (1, 2))))
    assert found.waits_for == "database"


@pytest.mark.parametrize("at", [APP, replace(FRAPPE, file="/home/x/bench/apps/frappe/frappe/email/queue.py")])
def test_a_driver_written_in_c_leaves_no_frame_of_its_own(at: Frame) -> None:
    """Neither for an application's job nor for one of Frappe's own is the database's plumbing the place."""
    database = Frame("/home/x/bench/apps/frappe/frappe/database/database.py", 355, "execute_query")
    builder = Frame("/home/x/bench/apps/frappe/frappe/query_builder/utils.py", 85, "run")
    stack = Stack(True, (database, builder, at, FRAPPE))
    found = verdict.of(seen(*(sample(moment, stack=stack, wait="socket") for moment in (1, 2))))
    assert (found.waits_for, found.place) == ("database", at)
    assert ", in frappe.query_builder.utils.run:" in found.text


def test_who_sleeps_between_two_tries_may_be_at_one_of_them() -> None:
    stack = Stack(True, (APP, FRAPPE))
    found = verdict.of(seen(sample(1, stack=stack, wait="sleep"), sample(2, stack=stack, state="R")))
    assert (found.kind, found.waits_for) == ("waiting", "sleep")
    found = verdict.of(seen(sample(1, stack=stack, wait="endless_lock"), sample(2, stack=stack, state="R")))
    assert found.waits_for == "events", "a deadlock would not let it wake"


def test_a_place_that_moved_is_work() -> None:
    elsewhere = Stack(True, (replace(APP, line=90), FRAPPE))
    assert verdict.of(seen(sample(1), sample(2, stack=elsewhere))).kind == "working"


def test_where_it_was_a_moment_ago_may_be_unknown() -> None:
    """Its disk or its host was too busy for the first stack: that is no work, and no standing still."""
    found = verdict.of(seen(sample(1, stack=None), sample(2), since=2))
    assert (found.kind, found.waits_for, found.for_s) == ("waiting", "network", 0)
    assert found.text.startswith("It is at stock.py:88 (pull), in requests.api.get: it waits for an answer")
    found = verdict.of(seen(sample(1), sample(2, stack=None), since=2))
    assert found.text == (
        "It has not moved: it waits for something to happen on its files or sockets. "
        "Where it is in its code is not known: it is busy."
    )


def test_fresh_progress_counts_more_than_the_stack() -> None:
    assert verdict.of(seen(sample(1), sample(2)), progressing=True).kind == "progressing"


def test_a_stopped_process_does_not_progress() -> None:
    assert verdict.of(seen(sample(1), sample(2, state="T")), progressing=True).kind == "stopped"


def test_the_disk_that_does_not_answer() -> None:
    found = verdict.of(seen(sample(1, state="D", stack=None), sample(2, state="D", stack=None)))
    assert (found.kind, found.waits_for) == ("blocked", "disk")
    assert "not known: it is busy" in found.text


def test_a_full_disk_is_reported() -> None:
    found = verdict.of(replace(seen(sample(1), sample(2)), full=("/tmp",)))
    assert found.text.endswith("Hardly any room is left on /tmp.")


def test_computing() -> None:
    line = replace(APP, line=91)
    loop = verdict.of(seen(sample(99, 1.0, Stack(True, (APP, FRAPPE))), sample(100, 2.0, Stack(True, (line, FRAPPE)))))
    assert loop.kind == "spinning"
    assert loop.text == "It uses 100% of a processor for 100 s and has not left pull, now at stock.py:91 (pull)."
    c_code = verdict.of(seen(sample(99, 1.0), sample(100, 2.0)))
    assert c_code.kind == "spinning"
    assert c_code.text.endswith("on one line, stock.py:88 (pull): one long call, or many short ones.")


def test_computing_on_a_host_that_has_no_processor_to_spare() -> None:
    found = verdict.of(seen(sample(1, 1.0, state="R"), sample(2, 1.2, state="R", queued_s=0.7)))
    assert found.kind == "spinning"
    assert found.text.startswith("It uses 20% of a processor (its host has no more for it) for 2 s on one line, ")


def test_without_stacks_the_kernel_still_speaks() -> None:
    found = verdict.of(seen(sample(1, stack=None, wait="child"), sample(2, stack=None, wait="child")))
    assert (found.kind, found.waits_for) == ("waiting", "child")


def test_gone() -> None:
    assert verdict.of(None).kind == "gone"


def test_a_lock_with_a_time_limit_is_no_deadlock() -> None:
    found = verdict.of(seen(sample(1, wait="lock"), sample(2, wait="lock")))
    assert (found.kind, found.waits_for) == ("waiting", "lock")


def test_a_deadlock_is_proven_by_all_threads_or_not_at_all() -> None:
    def found(more_threads: int) -> verdict.Verdict:
        at = sample(1, wait="endless_lock")
        locked = replace(at, process=replace(at.process, more_threads=more_threads))
        return verdict.of(seen(locked, locked))

    assert found(more_threads=0).kind == "blocked"
    assert found(more_threads=1).kind == "waiting"


@pytest.mark.parametrize(("serves", "kind"), [(True, "blocked"), (False, "waiting")])
def test_a_thread_of_the_worker_gives_no_lock_back(serves: bool, kind: str) -> None:
    """Known before the job began: its stack may not be at hand."""
    at = sample(1, wait="endless_lock")
    other = Thread(8, "S", 0.0, wait=Wait("socket"), serves=serves)
    locked = replace(at, process=replace(at.process, threads=(*at.process.threads, other)))
    found = verdict.of(seen(locked, locked))
    assert found.kind == kind
    assert ("nobody else is there" in found.text) == serves


def test_the_line_that_started_the_process_is_not_the_applications() -> None:
    """As `multiprocessing` starts one by forkserver."""
    starter = Frame("<string>", 1, "<module>")
    assert code_lines.place(Stack(True, (RECV, FRAPPE, starter))) == FRAPPE
    run_text = Frame("<string>", 4, "work")
    assert code_lines.place(Stack(True, (run_text, FRAPPE, starter))) == run_text
    assert code_lines.place(Stack(True, (starter,))) == starter


@pytest.mark.parametrize("subject", [None, "network", "database"])
def test_the_application_is_distinguished_from_libraries(subject: str | None) -> None:
    library = {
        None: Frame("<frozen runpy>", 1, "run"),
        "network": Frame("/usr/lib/python3.11/ssl.py", 1, "read"),
        "database": Frame("/x/apps/frappe/frappe/database/database.py", 230, "sql"),
    }[subject]
    stack = Stack(True, (library, APP, FRAPPE))
    assert code_lines.place(stack) == APP
    assert code_lines.subject(stack) == subject


def test_text_of_a_dump() -> None:
    text = (
        'Thread 0x1 (most recent call first):\n  File "/a b/c.py", line 3 in <lambda>\n\n'
        'Current thread 0x2 [main] (most recent call first):\n  File "x.py", line 9 in f\n  ...\n'
    )
    main, other = frames.parse(text)
    assert (main.main, main.frames) == (True, (Frame("x.py", 9, "f"),))
    assert (other.main, other.frames) == (False, (Frame("/a b/c.py", 3, "<lambda>"),))
    assert frames.parse("") == ()


def test_text_of_the_dump_of_one_thread() -> None:
    (main,) = frames.parse('Stack (most recent call first):\n  File "x.py", line 9 in f\n')
    assert (main.main, main.frames) == (True, (Frame("x.py", 9, "f"),))


def test_a_dump_that_ends_before_the_main_thread_has_none() -> None:
    text = 'Thread 0x2 (most recent call first):\n  File "x.py", line 9 in f\n...\n'
    assert [stack.main for stack in frames.parse(text)] == [False]


@pytest.mark.parametrize(("problem", "stack"), [("it blocks signals", None), ("", STACK)])
def test_after_an_attempt_the_next_one_waits(problem: str, stack: Stack | None) -> None:
    """Also after one that failed: it may have cost the reader seconds."""
    now = time()
    for ago, due in ((1, False), (stacks_limits.READER_STACKS_S + 1, True)):
        known = replace(sample(now - ago, stack=stack), problem=problem)
        assert sampling.stacks_due(seen(known, known), sample(now, 1.5)) is due


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"{}", b'{"pid": "x"}', b"\xff", b'{"job_id": 1'])
def test_what_is_not_ours_is_nothing(text: bytes) -> None:
    assert Armed.from_text(text) is None


@pytest.mark.parametrize("said", [None, [], {}, {"before": {}, "after": 1, "since": 0, "full": []}])
def test_samples_that_are_not_ours_are_nothing(said: object) -> None:
    assert Seen.from_plain(said) is None


def test_there_and_back() -> None:
    armed = Armed("a||b", "host:1:2:3", 7, 8, 45, 9, 1.5, 46, 10, 47, (8, 9))
    assert Armed.from_text(armed.text()) == armed
    both = seen(sample(1, wait="socket"), sample(2, stack=None))
    assert Seen.from_plain(both.plain()) == both


@pytest.mark.parametrize(
    ("file", "called"),
    [
        ("/home/frappe/frappe-bench/apps/job_console/job_console/runtime/once.py", "job_console.runtime.once"),
        ("/home/frappe/frappe-bench/apps/frappe/frappe/utils/data.py", "frappe.utils.data"),
        ("/home/x/env/lib/python3.11/site-packages/requests/__init__.py", "requests"),
        ("/opt/tools/fetch.py", "fetch"),
    ],
)
def test_a_module_is_called_as_it_is_imported(file: str, called: str) -> None:
    """Never by the folders that it happens to lie in."""
    assert code_lines._module(Frame(file, 5, "run")) == called


def test_a_line_that_makes_many_calls_is_not_called_one() -> None:
    """Two looks that meet the same line do not say whether it makes one call or thousands."""
    stack = Stack(True, (APP, FRAPPE))
    found = verdict.of(seen(*(sample(at, cpu_s=at, stack=stack, state="R") for at in (1, 2)), since=1))
    assert "in one call" not in found.text
    assert found.text.endswith(" on one line, stock.py:88 (pull): one long call, or many short ones.")
