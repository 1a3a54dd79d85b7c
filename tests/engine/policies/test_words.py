"""What a policy says of one job, on the wire and in words; and what it hides there."""

from __future__ import annotations

import json
from typing import Any

from job_console.engine.models.jobs import Call, Job
from job_console.engine.models.policies import Alerts, Limit, Policy
from job_console.engine.policies import store
from job_console.engine.policies.words import decided
from job_console.engine.service import Engine, Viewer

from .. import bench
from ..models.test_policies import FULL
from .test_unique import claimed

SITE = "a.localhost"


def job(**more: Any) -> Job:
    arguments = {"customer": "C-1", "warehouse": 7, "region": "north"}
    call = Call("shop.sync", "shop.sync", "method", site=SITE, arguments=arguments)
    return Job("j1", "bench:long", "started", call, **{"timeout_s": 600.0, "attempt": 2, **more})


def test_every_field_is_said() -> None:
    assert decided(FULL, job(), job().call.arguments, 3) == [
        "It goes to long.",
        "It is stopped after 10 min.",
        "It is expected to take 60 s, and overruns after 3 min.",
        "It may wait 2 min.",
        "It is tried up to 5 times; this is attempt 2.",
        "It is safe to repeat.",
        "When its worker dies, it is put back in its queue.",
        "While it waits or runs there is no other one with the key 'C-1'.",
        "In the last day 3 jobs were refused as its duplicate.",
        "At most 3 run at once with the key 'north'.",
        "While it runs it holds the lock 'stock:7'.",
        "ops@example.com is told of each failure.",
        "Never shown: iban.",
    ]


def test_nothing_set_is_nothing_reported() -> None:
    assert decided(Policy("P", "method", "shop.sync"), job(), {}, 0) == []


def test_where_the_job_does_not_follow_it_that_is_reported() -> None:
    policy = Policy("P", "glob", "*", queue="short", timeout_s=60, limit=Limit(1, "bench"), idempotency="unsafe",
                    lost="fail", alerts=Alerts(("a@b.c", "d@e.f"), ("failed", "gave_up")))  # fmt: skip
    assert decided(policy, job(), {}, 1) == [
        "It goes to short, but stands in long: it was moved, or enqueued before its policy said so.",
        "It is stopped after 60 s, but this one after 10 min, as it was enqueued.",
        "It is not safe to repeat.",
        "When its worker dies, it fails.",
        "In the last day 1 job was refused as its duplicate.",
        "At most 1 run at once on the bench.",
        "a@b.c, d@e.f are told of each failure and jobs that are out of attempts.",
    ]


def test_a_job_shows_its_policy_and_hides_what_that_calls_sensitive(redis: Any, engine: Engine) -> None:
    policy = Policy("Pay", "method", "shop.pay", queue="short", key="{iban}", sensitive=("iban", "pin"))
    store.publish(redis, SITE, [policy], store.take_ticket(redis))
    secret = bench.enqueue(redis, "shop.pay", kwargs={"iban": "DE02", "pin": 4711, "shipping": "kept"}, name="one")
    assert claimed(redis, secret.id, "digest") is None
    assert claimed(redis, f"{SITE}||second", "digest") == secret.id
    other = bench.enqueue(redis, "shop.ship", kwargs={"iban": "DE03"})
    console = engine.console(Viewer("sam", SITE))
    seen = console.jobs.show(secret.id)
    assert seen["arguments"] == {"iban": "••••••", "pin": "••••••", "shipping": "kept"}
    assert (seen["policy"]["name"], seen["policy"]["source"]) == ("Pay", "desk")
    assert "It goes to short." in seen["policy"]["decided"]
    assert "In the last day 1 job was refused as its duplicate." in seen["policy"]["decided"]
    answers = [
        seen,
        console.snapshot(),
        console.jobs.page(),
        console.jobs.explain(secret.id),
        console.jobs.search(text="shop"),
    ]
    assert "DE02" not in json.dumps(answers)
    assert "4711" not in json.dumps(answers)
    shown = console.jobs.show(other.id)
    assert (shown["policy"], shown["arguments"]) == (None, {"iban": "DE03"})


def test_errors_hide_it_too(redis: Any, engine: Engine, workers: Any, wait_until: Any) -> None:
    policy = Policy("Fail", "method", "tests.jobs.fail", sensitive=("iban",))
    store.publish(redis, SITE, [policy], store.take_ticket(redis))
    failed = bench.enqueue(redis, "tests.jobs.fail", kwargs={"message": "no such account: iban=DE0299"})
    workers.start(bench.SHORT, burst=True)
    wait_until(lambda: bench.status(redis, failed.id) == "failed")
    console = engine.console(Viewer("sam", SITE))
    seen = console.jobs.show(failed.id)
    assert "••••••" in seen["error"]["message"]
    assert "DE0299" not in json.dumps([seen["error"], seen["runs"], console.jobs.explain(failed.id)])
