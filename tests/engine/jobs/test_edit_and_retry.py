"""Edit and retry: a new job with other arguments; nothing of a payload is run, and nothing of it gets lost."""

from __future__ import annotations

import pickle
import zlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from redis import Redis

from job_console.engine.errors import BadRequest, Forbidden, NoSuchJob
from job_console.engine.jobs.redact import HIDDEN
from job_console.engine.models.policies import Policy
from job_console.engine.policies import store
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer

from ...support.processes import Workers
from .. import bench
from ..bench import HELLO, SHORT, status

SITE = "a.localhost"
#: One of everything that is plain.
PLAIN = {
    "name": "Sam",
    "count": 3,
    "share": 0.5,
    "on": date(2026, 1, 2),
    "at": datetime(2026, 1, 2, tzinfo=timezone.utc),
    "price": Decimal("1.20"),
    "id": UUID(int=7),
    "rows": [{"a": (1, None, True)}, b"x", "é" * 300],
}


def ended(redis: Redis, method: str = HELLO, **kwargs: Any) -> str:
    job = bench.enqueue(redis, method, kwargs=kwargs)
    redis.lrem(keys.queue(SHORT), 0, job.id)
    redis.hset(keys.job(job.id), mapping={"status": "failed", "started_at": bench.ago(60), "ended_at": bench.ago(50)})
    redis.zadd(keys.registry("failed", SHORT), {job.id: 2e9})
    return str(job.id)


def arguments(redis: Redis, job_id: str) -> tuple[Any, ...]:
    """Ours, so it may be unpickled."""
    return pickle.loads(zlib.decompress(redis.hget(keys.job(job_id), "data")))


def test_a_real_worker_runs_the_new_one_and_the_old_one_stays(
    redis: Redis, console: Console, workers: Workers, wait_until: Callable[..., object]
) -> None:
    job_id = ended(redis, name="Sam")
    (outcome,) = console.actions.retry_edited(job_id, {"name": "Kim"})["results"]
    new = outcome["new_job_id"]
    assert outcome["ok"]
    assert new.startswith(f"{SITE}||")
    assert status(redis, job_id) == "failed"
    assert console.jobs.show(new)["arguments"] == {"name": "Kim"}
    workers.start(SHORT)
    wait_until(lambda: status(redis, new) == "finished")
    assert redis.hget(keys.job(new), "timeout") == redis.hget(keys.job(job_id), "timeout")
    assert "It ran again as the new job" in " ".join(console.jobs.explain(job_id)["because"])


def test_everything_else_is_as_it_was(redis: Redis, console: Console) -> None:
    job_id = ended(redis, **PLAIN)
    (outcome,) = console.actions.retry_edited(job_id, {"count": 4})["results"]
    before, after = arguments(redis, job_id), arguments(redis, outcome["new_job_id"])
    assert after[3]["kwargs"] == {**PLAIN, "count": 4}
    assert {name: type(value) for name, value in after[3]["kwargs"].items()} == {
        name: type(value) for name, value in PLAIN.items()
    }
    assert after[:3] == before[:3]
    assert {**after[3], "kwargs": 0} == {**before[3], "kwargs": 0}


@pytest.mark.parametrize(
    "value",
    [{1, 2}, frozenset("a"), OrderedDict(a=1), [OrderedDict()], 1j],
    ids=["set", "frozenset", "ordered", "nested", "complex"],
)
def test_more_than_plain_data_is_refused(redis: Redis, console: Console, value: Any) -> None:
    job_id = ended(redis, name="Sam", more=value)
    with pytest.raises(BadRequest, match="cannot be edited"):
        console.actions.retry_edited(job_id, {"name": "Kim"})
    assert redis.llen(keys.queue(SHORT)) == 0


def test_what_is_called_cannot_be_changed(redis: Redis, console: Console) -> None:
    run = "frappe.utils.background_jobs.run_doc_method"
    job_id = ended(redis, run, doctype="User", name="x", doc_method="save", reason="y")
    for name in ("doc_method", "doctype"):
        with pytest.raises(BadRequest, match=f"without an argument '{name}'; its arguments are name, reason"):
            console.actions.retry_edited(job_id, {name: "other"})
    assert console.actions.retry_edited(job_id, {"reason": "z"})["results"][0]["ok"]


def test_a_background_task_keeps_its_own_arguments(redis: Redis, console: Console) -> None:
    task = {"task_id": "t", "task_user": "u", "task_on_success": None, "task_on_failure": None, "task_retry_on": ()}
    run = "frappe.utils.task_queue._execute_task"
    job_id = ended(redis, run, **task, target_method="shop.sync", item="I-1")
    with pytest.raises(BadRequest, match="without an argument 'target_method'; its arguments are item"):
        console.actions.retry_edited(job_id, {"target_method": "other"})
    (outcome,) = console.actions.retry_edited(job_id, {"item": "I-2"})["results"]
    assert arguments(redis, outcome["new_job_id"])[3]["kwargs"] == {**task, "target_method": "shop.sync", "item": "I-2"}


def test_a_name_that_it_does_not_have_is_a_typing_error(redis: Redis, console: Console) -> None:
    with pytest.raises(BadRequest, match="without an argument 'nam'; its arguments are name"):
        console.actions.retry_edited(ended(redis, name="Sam"), {"nam": "Kim"})


def test_only_what_has_ended(redis: Redis, console: Console) -> None:
    job = bench.enqueue(redis, kwargs={"name": "Sam"})
    (outcome,) = console.actions.retry_edited(job.id, {"name": "Kim"})["results"]
    assert not outcome["ok"]
    assert "It is queued" in outcome["reason"]
    assert redis.llen(keys.queue(SHORT)) == 1


def test_the_trail_says_what_changed_and_no_secret(redis: Redis, engine: Engine, console: Console) -> None:
    policy = Policy("Quiet", "method", HELLO, sensitive=("customer",))
    store.publish(redis, SITE, [policy], store.take_ticket(redis))
    engine.watch.forget()
    job_id = ended(redis, name="Sam", api_key="old-key", customer="C-1")
    changes = {"name": "Kim", "api_key": "new-key", "customer": "C-2"}
    (outcome,) = console.actions.retry_edited(job_id, changes, "wrong name")["results"]
    (entry,) = console.actions.audit()["entries"]
    assert (entry["action"], entry["actor"]) == ("edit_and_retry", "tester@here")
    assert entry["detail"] == outcome["new_job_id"]
    assert entry["reason"].startswith("wrong name. Changed name: 'Sam' → 'Kim'")
    assert entry["reason"].count(HIDDEN) == 4
    assert not any(secret in str(entry) for secret in ("old-key", "new-key", "C-1", "C-2"))
    assert arguments(redis, outcome["new_job_id"])[3]["kwargs"] == changes


def test_what_is_not_safe_to_repeat_wants_a_reason(redis: Redis, engine: Engine, console: Console) -> None:
    store.publish(redis, SITE, [Policy("Once", "method", HELLO, idempotency="unsafe")], store.take_ticket(redis))
    engine.watch.forget()
    job_id = ended(redis, name="Sam")
    (outcome,) = console.actions.retry_edited(job_id, {"name": "Kim"})["results"]
    assert "not safe to repeat" in outcome["reason"]
    assert console.actions.retry_edited(job_id, {"name": "Kim"}, "it never began")["results"][0]["ok"]


def test_who_may(redis: Redis, engine: Engine) -> None:
    job_id = ended(redis, name="Sam")
    with pytest.raises(Forbidden):
        engine.console(Viewer("a@here", SITE)).actions.retry_edited(job_id, {"name": "Kim"})
    with pytest.raises(NoSuchJob):
        engine.console(Viewer("b@here", "b.localhost", may_act=True)).actions.retry_edited(job_id, {"name": "Kim"})
    assert redis.llen(keys.queue(SHORT)) == 0
