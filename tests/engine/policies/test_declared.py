"""The decorator notes what is said, costs an import next to nothing, and needs no Frappe."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

import job_console
from job_console.engine.errors import BadRequest
from job_console.engine.models.policies import Alerts, Backoff, Limit, Policy
from job_console.runtime.declare.decorator import DECLARED


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    DECLARED.clear()


def sync(customer: str, region: str = "") -> str:
    return customer


METHOD = f"{__name__}.sync"


def test_what_is_said_is_the_functions_policy_and_the_function_stays_what_it_was() -> None:
    declare = job_console.job(
        queue="long",
        timeout=1200,
        expected=60,
        attempts=4,
        backoff=[30, 120],
        retry_on=[ConnectionError, "requests.Timeout"],
        never_on=[BadRequest],
        idempotent=True,
        key="{customer}",
        limit=3,
        per="key",
        limit_key="{region}",
        lock="stock:{region}",
        lost="requeue",
        alert_to=["ops@example.com"],
        alert_on=["gave_up"],
        sensitive=["customer"],
    )
    assert declare(sync) is sync
    assert sync("C-1") == "C-1"
    assert DECLARED[METHOD].policy == Policy(
        METHOD, "method", METHOD, queue="long", timeout_s=1200, expected_s=60, attempts=4,
        backoff=Backoff(delays_s=(30, 120)), retry_on=("ConnectionError", "requests.Timeout"),
        never_on=("job_console.engine.errors.BadRequest",), idempotency="safe", key="{customer}",
        limit=Limit(3, "key", "{region}"), lock="stock:{region}", lost="requeue",
        alerts=Alerts(("ops@example.com",), ("gave_up",)), sensitive=("customer",), source="code",
    )  # fmt: skip


def test_nothing_said_is_the_models_own_default() -> None:
    job_console.job()(sync)
    assert DECLARED[METHOD].policy == Policy(METHOD, "method", METHOD, source="code")


@pytest.mark.parametrize("said", [{"key": "{colour}"}, {"lock": "{colour}"}, {"sensitive": ["colour"]}])
def test_a_misspelt_argument_fails_where_it_is_written(said: dict) -> None:
    with pytest.raises(BadRequest, match="names 'colour', which is no argument"):
        job_console.job(**said)(sync)


def test_what_takes_any_argument_may_name_any() -> None:
    def anything(**kwargs: object) -> None: ...

    anything.__qualname__ = "anything"
    job_console.job(key="{colour}")(anything)
    assert f"{__name__}.anything" in DECLARED


def test_only_a_function_of_a_module_has_a_name_that_jobs_know() -> None:
    class Customer:
        def recalc(self) -> None: ...

    for odd in (Customer.recalc, Customer, lambda: None):
        with pytest.raises(TypeError, match="no function of a module"):
            job_console.job()(odd)


SCRIPT = """
import sys
sys.modules["frappe"] = None
import job_console
@job_console.job(attempts=3, key="{customer}")
def sync(customer): ...
heavy = {"redis", "rq", "croniter", "job_console.engine.service"} & sys.modules.keys()
assert not heavy, heavy
"""


def test_it_needs_no_frappe_and_loads_nothing_heavy() -> None:
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, timeout=30)
