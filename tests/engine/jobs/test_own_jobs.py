"""Jobs for who waits for them: the index that leads to them, what they are told, and what that costs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from rq.job import Job

from job_console.engine.errors import NoSuchJob
from job_console.engine.jobs import limits, own_jobs, own_words
from job_console.engine.jobs.own_jobs import Subject
from job_console.engine.models.expected import Expected
from job_console.engine.models.jobs import STATUSES, Call, Failure
from job_console.engine.redis import forget, keys
from job_console.engine.service import Engine, Viewer
from job_console.engine.service.own_jobs import OwnJobs
from job_console.engine.wire import own_job_json
from tests.engine.diagnosis import build

SITE, MIA, SAM = "a.localhost", "mia@example.com", "sam@example.com"
NOTE = ("Note", "N-1")


def note(redis: Any, job_id: str, user: str = MIA, now: float | None = None) -> None:
    pipeline = redis.pipeline(transaction=False)
    own_jobs.note(pipeline, SITE, Subject(user, NOTE), job_id, time.time() if now is None else now)
    pipeline.execute()


def of(engine: Engine, user: str, site: str = SITE, may_act: bool = False) -> OwnJobs:
    return engine.console(Viewer(user, site, may_act=may_act)).own_jobs


def seen(jobs: OwnJobs, *document: Any) -> list[str]:
    answer = jobs.seen(lambda _ids: (), *document)
    assert answer is not None
    return [job["id"] for job in answer["jobs"]]


@pytest.fixture
def start(redis: Any, enqueue: Callable[..., Job]) -> Callable[..., str]:
    def one(user: str = MIA, **more: Any) -> str:
        job = enqueue("say_hello", user=user, doctype="Note", name="N-1", **more)
        note(redis, job.id, user)
        return str(job.id)

    return one


def test_each_sees_what_they_started_and_readers_what_works_on_the_document(
    engine: Engine, start: Callable[..., str]
) -> None:
    mine, other = start(), start(SAM)
    assert seen(of(engine, MIA)) == [mine]
    assert seen(of(engine, MIA), NOTE) == [mine]
    assert sorted(seen(of(engine, MIA), NOTE, True)) == sorted([mine, other])
    assert seen(of(engine, "eve@example.com"), NOTE) == []
    assert seen(of(engine, MIA), ("Note", "N-2"), True) == []


def test_another_site_sees_none_of_it(engine: Engine, redis: Any, start: Callable[..., str]) -> None:
    """Not even where its own index leads there."""
    job_id = start()
    pipeline = redis.pipeline()
    own_jobs.note(pipeline, "b.localhost", Subject(MIA, NOTE), job_id, time.time())
    pipeline.execute()
    elsewhere = of(engine, MIA, "b.localhost", may_act=True)
    assert (seen(elsewhere), seen(elsewhere, NOTE, True)) == ([], [])
    with pytest.raises(NoSuchJob):
        elsewhere.cancel(job_id)


def test_one_cancels_ones_own_and_it_is_in_the_trail(engine: Engine, start: Callable[..., str]) -> None:
    job_id = start()
    with pytest.raises(NoSuchJob):
        of(engine, SAM, may_act=True).cancel(job_id)
    of(engine, MIA, may_act=True).cancel(job_id)
    (entry,) = engine.console(Viewer("root", may_act=True)).actions.audit()["entries"]
    assert (entry["actor"], entry["action"], entry["job_id"], entry["ok"]) == (MIA, "cancel", job_id, True)


def test_it_costs_the_same_however_much_is_queued(
    engine: Engine,
    enqueue: Callable[..., Job],
    start: Callable[..., str],
    round_trips: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert seen(of(engine, MIA)) == []
    with round_trips() as nothing:
        seen(of(engine, MIA))
    start()
    look = engine.watch.look()
    monkeypatch.setattr(engine.watch, "look", lambda **_since: look)  # all viewers share one, for a second
    with round_trips() as one:
        seen(of(engine, MIA))
    for _number in range(5):
        start()
    for _number in range(200):
        enqueue("say_hello")
    with round_trips() as many:
        assert len(seen(of(engine, MIA))) == 6
    assert (len(nothing), len(one), len(many)) == (1, 3, 3)


def test_the_index_is_bounded_and_forgets(redis: Any) -> None:
    of_mia, of_note = keys.jobs_of_person(SITE, MIA), keys.jobs_of_document(SITE, *NOTE)
    for number in range(limits.OWN_OF_PERSON + 5):
        note(redis, f"j{number}", now=time.time() + number)
    assert (redis.zcard(of_mia), redis.zcard(of_note)) == (limits.OWN_OF_PERSON, limits.OWN_OF_DOCUMENT)
    assert redis.zrange(of_mia, -1, -1) == [f"j{limits.OWN_OF_PERSON + 4}".encode()], "the oldest go first"
    assert 0 < redis.ttl(of_mia) <= limits.OWN_MADE_S
    own_jobs.ended(redis, SITE, Subject(MIA, NOTE), "j54", time.time() - limits.OWN_DONE_S, well=True)
    own_jobs.ended(redis, SITE, Subject(MIA, NOTE), "unheard-of", time.time(), well=True)
    ids, _asked = own_jobs.ids(redis, SITE, MIA, None, time.time())
    assert not {"j54", "unheard-of"} & {*ids}
    forget.of_site(redis, SITE)
    assert list(redis.scan_iter(keys.OURS + "*")) == []


def test_who_asks_too_often_in_a_minute_gets_nothing(engine: Engine, redis: Any) -> None:
    redis.set(keys.own_jobs_asked(SITE, MIA), limits.OWN_ASKED, ex=60)
    assert of(engine, MIA).seen(lambda _ids: ()) is None
    assert of(engine, SAM).seen(lambda _ids: ()) == {"jobs": []}
    assert 0 < redis.ttl(keys.own_jobs_asked(SITE, SAM)) <= 60


@pytest.mark.parametrize("status", [*STATUSES, "stopped", "created"])
def test_no_word_of_how_it_is_done(status: str) -> None:
    arguments = {"doctype": "Note", "name": "N-1", "password": "hunter2"}
    call = Call("shop.tasks.sync", "shop sync hunter2", "method", SITE, MIA, arguments, ("Note", "N-1"))
    error = Failure("ValueError", "no such hunter2", "Traceback (most recent call last): …")
    said = own_job_json(build.job(status=status, call=call, error=error), True, False, 1, Expected(20, 40))
    assert not any(word in json.dumps(said) for word in ("hunter2", "shop", "sync", "ValueError", "Traceback"))


def test_the_line_of_a_form() -> None:
    submits = Call("Note.submit", "Note.submit", "document", SITE, MIA, {}, NOTE)
    job = build.job(call=submits)
    line = own_job_json(job, True, False, 3, Expected(20, 40))["line"]
    assert line == "Submitting in the background: 3rd in line, about 20 s"
    half = build.running(call=submits, progress=build.said(done=1, total=2))
    assert own_job_json(half, True, False, None, None)["words"] == "running, 50 %"
    hidden = build.job(status="finished", call=submits, error=Failure("ValueError", "x"))
    assert own_job_json(hidden, True, False, None, None)["state"] == "failed"


@pytest.mark.parametrize(
    ("call", "whose"),
    [
        (Call("shop.sync", "x", "method", SITE, MIA), Subject(MIA, None)),
        (Call("shop.sync", "x", "scheduled", SITE, MIA), None),
        (Call("shop.sync", "x", "method", SITE, "Guest"), None),
        (Call("frappe.utils.global_search.sync", "x", "method", SITE, MIA, {}, NOTE), None),
        (Call(next(iter(own_words.METHODS)), "x", "method", SITE, MIA), Subject(MIA, None)),
        (Call("Note.submit", "x", "document", SITE, "Guest", {}, NOTE), Subject(None, NOTE)),
    ],
)
def test_for_whom_a_job_is_worth_showing(call: Call, whose: Subject | None) -> None:
    assert own_jobs.subject(call) == whose
