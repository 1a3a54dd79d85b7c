"""Schemathesis asks the server what its own OpenAPI description allows: no answer is a fault of it, and each has a
status, a content type and a shape that are described."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from job_console.console.openapi import describe
from tests.engine import bench
from tests.support.site import Site
from tests.support.sizes import sized

schemathesis: Any = pytest.importorskip("schemathesis")

EXAMPLES = sized(3, 80)
DESCRIBED = json.loads(json.dumps(describe()))
#: One does not end, one watches a job for seconds, one says by its status what is wrong with the bench.
NOT_ASKED = {"/api/events", "/api/profile", "/status"}
#: What makes no sense is refused, though its type is right: so no check that all of it is accepted.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


def test_no_answer_is_a_fault_or_not_described(site: Site, redis: Any) -> None:
    from schemathesis.specs.openapi import checks as of_openapi

    known = {**vars(of_openapi), **vars(schemathesis.checks)}
    checks, asked = [known[name] for name in CHECKS], []
    bench.enqueue(redis, name="waiting", kwargs={"company": "Acme"})
    schema = schemathesis.openapi.from_dict(DESCRIBED)
    operations = [(path, method) for path, item in DESCRIBED["paths"].items() for method in item]
    for path, method in operations:
        if path in NOT_ASKED:
            continue

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=schema[path][method.upper()].as_strategy())
        def ask(case: Any) -> None:
            answer = case.call(base_url=f"http://127.0.0.1:{site.port}", timeout=30)
            asked.append(answer.status_code)
            case.validate_response(answer, checks=checks)

        ask()
    assert len(asked) > len(operations)
    assert {200, 400, 404} <= set(asked), "the calls are let in, and read what they are given"
