"""What a storm has found: of each fault what was reported when, and what became of every job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

#: The stretch in which no fault is made.
HEALTHY = "none: a healthy bench at work"


@dataclass(frozen=True)
class Report:
    """One thing that had to be reported."""

    what: str
    within_s: float
    #: None: it never was.
    after_s: float | None
    #: For so long wanted a processor, and got none, whoever was held up most: server, reader, workers, who looks.
    held_up_s: float = 0.0

    @property
    def late(self) -> bool:
        return self.after_s is not None and self.after_s > self.within_s

    @property
    def late_by_the_machine(self) -> bool:
        return self.after_s is not None and self.late and self.after_s - self.held_up_s <= self.within_s


@dataclass
class Result:
    """Of one fault."""

    number: int
    name: str
    reports: list[Report] = field(default_factory=list)
    #: What should not have been said, or was not mended.
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    #: All of it, and how much of that nothing was to be told.
    took_s: float = 0.0
    calm_s: float = 0.0
    #: Workers; RQ ends one whose job's heartbeat meets no Redis.
    ended_by_themselves: int = 0

    @property
    def late(self) -> list[str]:
        return [
            f"{each.what}: after {each.after_s} s, of {each.within_s:g}; no processor for {each.held_up_s} s"
            for each in self.reports
            if each.late
        ]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> Result:
        return cls(**{**found, "reports": [Report(**each) for each in found["reports"]]})


@dataclass
class Ended:
    """What became of the jobs."""

    jobs: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    def add(self, other: Ended) -> None:
        self.jobs += other.jobs
        self.lost += other.lost
        self.doubled += other.doubled


def table(results: Sequence[Result]) -> Iterator[str]:
    """In the words of benchmarks/README.md."""
    columns = (
        "made",
        "to be reported",
        "in time",
        "late",
        "by the machine",
        "never",
        "median s",
        "worst s",
        "false words",
    )
    yield "| fault | " + " | ".join(columns) + " |"
    yield "| --- |" + " ---: |" * len(columns)
    names = sorted({each.name for each in results})
    for name in names:
        yield _row(name, [each for each in results if each.name == name])
    if len(names) > 1:
        yield _row("**all**", results)


def _row(name: str, results: Sequence[Result]) -> str:
    reports = [each for result in results for each in result.reports]
    after_s = sorted(each.after_s for each in reports if each.after_s is not None)
    late = sum(each.late for each in reports)
    by_the_machine = sum(each.late_by_the_machine for each in reports)
    median = f"{after_s[len(after_s) // 2]:.1f}" if after_s else ""
    worst = f"{after_s[-1]:.1f}" if after_s else ""
    false = sum(len(result.false) for result in results)
    return (
        f"| {name} | {len(results)} | {len(reports)} | {len(after_s) - late} | {late} | {by_the_machine} "
        f"| {len(reports) - len(after_s)} | {median} | {worst} | {false} |"
    )


def words(results: Sequence[Result]) -> Counter[str]:
    """What was false, too late or never said, by its first words."""
    return Counter(word[:160] for each in results for word in (*each.false, *each.missed, *each.late))
