"""The bench as metrics of Prometheus: readings of one look and of today's statistics, and their exposition.

Offers `Exporter`, what it reads (`BenchReader`, `SiteReader`) and `check`. May import every room of the engine but
`host`, and `prometheus_client` where metrics are asked for: whoever does without them does without that library too.
"""

from .exporter import REQUIREMENT, Exporter, check
from .readings import BenchReader, Readings, SiteReader

__all__ = ["REQUIREMENT", "BenchReader", "Exporter", "Readings", "SiteReader", "check"]
