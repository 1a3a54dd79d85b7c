"""Metrics as a scraper reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.support.site import Site

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Scraped:
    """One scrape. The parser is strict: it raises for what OpenMetrics forbids."""

    def __init__(self, text: str) -> None:
        self.families: dict[str, Metric] = {each.name: each for each in text_string_to_metric_families(text)}

    def __call__(self, name: str, **labels: str) -> Any:
        """The one sample of that name with these labels, among others; None when there is none."""
        found = [sample.value for sample in self.samples(name) if labels.items() <= sample.labels.items()]
        assert len(found) <= 1, found
        return found[0] if found else None

    def samples(self, name: str) -> Iterable[Any]:
        return [each for family in self.families.values() for each in family.samples if each.name == name]


def scrape(site: Site, **headers: str) -> Scraped:
    answer = site.get("/metrics", Accept=OPENMETRICS, **headers)
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    return Scraped(answer.body.decode())
