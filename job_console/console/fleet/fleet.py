"""The benches of a fleet as one viewer sees them: their rows, a job wherever it is, what fails on all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import wait
from dataclasses import dataclass
from datetime import datetime, timezone
from threading import Semaphore
from time import monotonic
from typing import Any, TypeVar

from job_console.engine.errors import BadRequest, JobConsoleError
from job_console.engine.service import Console, Viewer
from job_console.engine.wire import time

from .config import Entry
from .member import Member, Seen

Json = dict[str, Any]
T = TypeVar("T")
#: By bench, of whoever asks.
Rights = Mapping[str, str]
#: What is asked of all benches is answered by then, with those that have answered.
ALL_S = 4.0
#: Of each bench the groups with the most failures, or those that failed last.
GROUPS_EACH = 20
GROUPS = 200
#: All threads end by then, but those that wait for a Redis that does not answer.
END_S = 2.0
#: Benches that are looked at in the same moment: enough for servers that are far away, and few enough that whoever
#: asks for the overview is answered in between.
PLACES = 16
ORDERS = ("count", "last")
#: `unknown`: nobody has looked yet, or there is no evidence that all is well.
VERDICTS = ("ok", "warning", "critical", "unreachable", "unknown")
_SEVERE = {"critical": ("critical", "unreachable"), "warning": ("warning",)}


@dataclass(frozen=True, slots=True)
class Answers:
    """By bench. `missing`: why a bench has not answered."""

    found: Mapping[str, Any]
    missing: Mapping[str, str]


class Fleet:
    """Thread-safe."""

    def __init__(self, entries: Sequence[Entry], viewer: Viewer, sweeps: bool) -> None:
        places = Semaphore(PLACES)
        self.members = {entry.name: Member(entry, sweeps, viewer, places) for entry in entries}

    def start(self) -> None:
        every = len(self.members)
        for number, member in enumerate(self.members.values()):
            member.start(after_s=member.entry.look_every_s * number / every)

    def close(self) -> None:
        until = monotonic() + END_S
        for member in self.members.values():
            member.end(patience_s=0.0)
        for member in self.members.values():
            member.end(patience_s=max(until - monotonic(), 0.0))

    def overview(self, rights: Rights) -> Json:
        """A row for each bench. Asks nobody: what each bench's thread saw last."""
        rows = [row(member, right) for member, right in self._mine(rights)]
        return {"at": time(datetime.now(timezone.utc)), "benches": rows}

    def verdict(self, rights: Rights) -> Json:
        """How well all of them are. A bench that cannot be reached is critical; one that nobody has looked at yet is
        not known to be anything."""
        verdicts = [verdict_of(member.seen) for member, _right in self._mine(rights)]
        counts = {verdict: verdicts.count(verdict) for verdict in VERDICTS}
        severe = [severity for severity, count in _SEVERE.items() if any(counts[verdict] for verdict in count)]
        return {"at": time(datetime.now(timezone.utc)), "verdict": severe[0] if severe else "ok", "benches": counts}

    def find(self, rights: Rights, job_id: str) -> Json:
        """Where that job is: of each bench that has a record of it, its row."""
        if not job_id.strip():
            raise BadRequest("job_id is missing.")
        answers = self._ask(rights, lambda console: console.jobs.find(job_id.strip()))
        jobs = [{"bench": name, "job": job} for name, job in answers.found.items() if job is not None]
        return {"job_id": job_id.strip(), "found": jobs, "asked": len(answers.found), "missing": _missing(answers)}

    def failures(self, rights: Rights, order: str = "count", method: str | None = None) -> Json:
        """What fails, by its cause: the same method, exception and place on several benches is one group."""
        if order not in ORDERS:
            raise BadRequest(f"order is {' or '.join(ORDERS)}, not {order!r}.")
        answers = self._ask(
            rights, lambda console: console.failures.groups(method=method, order=order, size=GROUPS_EACH)
        )
        groups = _together(answers.found)
        groups.sort(key=lambda group: (group["last_at"] or "") if order == "last" else group["count"], reverse=True)
        return {
            "failed": sum(found["failed"] for found in answers.found.values()),
            "total": len(groups),
            "groups": groups[:GROUPS],
            # Of a bench with more groups only the first were asked for.
            "at_least": any(found["total"] > GROUPS_EACH for found in answers.found.values()) or len(groups) > GROUPS,
            "asked": len(answers.found),
            "missing": _missing(answers),
        }

    def _mine(self, rights: Rights) -> Iterable[tuple[Member, str]]:
        return ((self.members[name], right) for name, right in rights.items())

    def _ask(self, rights: Rights, do: Callable[[Console], T]) -> Answers:
        """Each bench by its own thread, all of them at the same time."""
        futures = {member.name: member.ask(do) for member, _right in self._mine(rights)}
        wait(futures.values(), timeout=ALL_S)
        found: dict[str, T] = {}
        missing: dict[str, str] = {}
        for name, future in futures.items():
            if not future.done():
                future.cancel()
                missing[name] = f"It has not answered within {ALL_S:g} s."
                continue
            try:
                found[name] = future.result()
            except JobConsoleError as error:
                missing[name] = self.members[name].entry.address.hide(str(error))
        return Answers(found, missing)


def row(member: Member, right: str) -> Json:
    """What is known of one bench. Its numbers are those of `looked_at`, also when it cannot be reached now."""
    seen, entry = member.seen, member.entry
    summary = seen.row or {}
    return {
        "name": member.name,
        "labels": dict(entry.labels),
        "may": right,
        "server": str(entry.address.server),
        "looked_at": time(seen.looked_at),
        "took_s": None if seen.took_s is None else round(seen.took_s, 3),
        "unreachable": _unreachable(member, seen),
        "verdict": summary.get("verdict"),
        "telling": summary.get("telling", False),
        "reasons": summary.get("reasons", []),
        "silenced": summary.get("silenced", 0),
        "warnings": summary.get("warnings", {"critical": 0, "warning": 0, "info": 0}),
        "worst": summary.get("worst"),
        **{name: summary.get(name) for name in ("waiting", "running", "failed", "oldest", "workers", "scheduler")},
        "suspended": summary.get("suspended", False),
        "paused": summary.get("paused", []),
    }


def _unreachable(member: Member, seen: Seen) -> Json | None:
    circuit = seen.circuit
    if circuit.since is None:
        return None
    return {
        "message": circuit.problem,
        "since": time(circuit.since),
        "every_s": circuit.pause_s(member.entry.look_every_s),
    }


def verdict_of(seen: Seen) -> str:
    """One of `VERDICTS`."""
    if seen.circuit.since is not None:
        return "unreachable"
    if seen.row is None:
        return "unknown"
    return str(seen.row["verdict"]) if seen.row["telling"] else "unknown"


def _missing(answers: Answers) -> list[Json]:
    return [{"bench": name, "why": why} for name, why in answers.missing.items()]


def _together(found: Mapping[str, Json]) -> list[Json]:
    """Groups of several benches that have one cause."""
    together: dict[str, Json] = {}
    for bench, page in found.items():
        for group in page["groups"]:
            alike = together.setdefault(
                group["group"],
                {
                    **{name: group[name] for name in ("group", "method", "type", "frame", "message")},
                    "count": 0,
                    "first_at": None,
                    "last_at": None,
                    "benches": [],
                },
            )
            alike["count"] += group["count"]
            times = [each for each in (alike["first_at"], group["first_at"]) if each]
            alike["first_at"] = min(times, default=None)
            alike["last_at"] = max((each for each in (alike["last_at"], group["last_at"]) if each), default=None)
            alike["benches"].append({"bench": bench, "count": group["count"], "last_at": group["last_at"]})
    for group in together.values():
        group["benches"].sort(key=lambda each: (-each["count"], each["bench"]))
    return list(together.values())
