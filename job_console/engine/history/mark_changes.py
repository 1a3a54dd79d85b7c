"""What has changed between two looks at a bench, or at a site: pure. What was seen is JSON, so that it can be kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from ..models.bench import Bench
from ..models.workers import Worker
from . import limits
from .marks import Mark

#: Sweeps that were away for longer than this do not know when it happened.
GAP_S = 120.0
Seen = Mapping[str, Any]
_MAINTENANCE = "maintenance"


def of_bench(bench: Bench, before: Seen | None) -> dict[str, Any]:
    """What this look shows of the bench. Workers are looked at once a minute: until then they stay those of before."""
    at = bench.at.timestamp()
    seen = {
        "at": round(at, 3),
        "run_id": bench.redis.run_id,
        "suspended": bench.suspended,
        "paused": sorted(lane.label for lane in bench.lanes if lane.paused),
        "sites": {site: schedule.off or "" for site, schedule in sorted(bench.schedules.items())},
    }
    if before and "workers" in before and 0 <= at - before["workers_at"] < limits.MARK_WORKERS_S:
        return {**seen, "workers": before["workers"], "workers_at": before["workers_at"]}
    workers = {_short(worker.name): _labels(worker) for worker in bench.workers if worker.alive}
    return {**seen, "workers": workers, "workers_at": round(at, 3)}


def on_bench(before: Seen | None, now: Seen, bench: Bench) -> list[Mark]:
    """Marks of the bench and of its sites' schedulers. Without a look before nothing has changed but what Redis says
    itself: when it was started."""
    at = float(now["at"])
    found = []
    restarted = now["run_id"] and now["run_id"] != (before or {}).get("run_id")
    if restarted and bench.redis.uptime_s is not None:
        found.append(Mark(at - bench.redis.uptime_s, "redis"))
    if before is None:
        return found
    since = _gap(before, at)
    if now["suspended"] != before["suspended"]:
        found.append(Mark(at, "suspended" if now["suspended"] else "resumed", since=since))
    for kind, queues in (
        ("queues_paused", set(now["paused"]) - set(before["paused"])),
        ("queues_resumed", set(before["paused"]) - set(now["paused"])),
    ):
        if queues:
            found.append(Mark(at, kind, names=named(queues), since=since))
    return [*found, *_workers(before, now, bench, since), *_schedulers(before, now, at, since)]


def on_site(before: Seen | None, now: Seen, site: str) -> list[Mark]:
    """Marks of one site: its apps, its configuration, its policies. Each is {name: what tells one state from another},
    of apps their versions."""
    if before is None:
        return []
    at, found = float(now["at"]), []
    since = _gap(before, at)
    for kind, written in (("apps", _app), ("configuration", _setting), ("policies", _name)):
        had, has = before.get(kind) or {}, now.get(kind) or {}
        changed = sorted(name for name in {*had, *has} if had.get(name) != has.get(name))
        if changed:
            texts = [written(name, had.get(name), has.get(name)) for name in changed]
            found.append(Mark(at, kind, site, named(texts), len(changed), since))
    return found


def named(names: Iterable[str]) -> tuple[str, ...]:
    """The first of them, cut; how many there are stands in `count`."""
    return tuple(name[:120] for name in sorted(names))[: limits.MARK_NAMES]


def _workers(before: Seen, now: Seen, bench: Bench, since: float | None) -> list[Mark]:
    had, has = before["workers"], now["workers"]
    at = float(now["at"])
    found = []
    started = [worker for worker in bench.workers if worker.alive and _short(worker.name) in has.keys() - had.keys()]
    if started:
        # They say themselves when that was; but by their own clocks.
        born = [worker.born_at.timestamp() for worker in started if worker.born_at]
        first = max(min(born, default=at), float(before["workers_at"]))
        lanes = named({label for worker in started for label in _labels(worker).split(",")})
        found.append(Mark(min(first, at), "workers_started", names=lanes, count=len(started), since=since))
    stopped = had.keys() - has.keys()
    if stopped:
        lanes = named({label for name in stopped for label in had[name].split(",")})
        found.append(Mark(at, "workers_stopped", names=lanes, count=len(stopped), since=since))
    return found


def _schedulers(before: Seen, now: Seen, at: float, since: float | None) -> list[Mark]:
    """Of sites that were known before, and still are."""
    found = []
    for site in before["sites"].keys() & now["sites"].keys():
        was, is_now = before["sites"][site], now["sites"][site]
        for kind, had, has in (
            ("maintenance", was == _MAINTENANCE, is_now == _MAINTENANCE),
            ("scheduler", was not in ("", _MAINTENANCE), is_now not in ("", _MAINTENANCE)),
        ):
            if had != has:
                on = has if kind == "maintenance" else not has
                found.append(Mark(at, f"{kind}_{'on' if on else 'off'}", site, since=since))
    return found


def _gap(before: Seen, at: float) -> float | None:
    return float(before["at"]) if at - float(before["at"]) > GAP_S else None


def _app(name: str, had: str | None, has: str | None) -> str:
    return f"{name} {has}" if has else f"-{name}"


def _setting(name: str, had: str | None, has: str | None) -> str:
    """Of what is secret or long a digest stands in place of the value: `#…`."""
    told = not any(value and value.startswith("#") for value in (had, has))
    return f"{name} {had or '–'} → {has or '–'}" if told else name


def _name(name: str, had: str | None, has: str | None) -> str:
    return name


def _short(name: str) -> str:
    return blake2b(name.encode(), digest_size=5).hexdigest()


def _labels(worker: Worker) -> str:
    return ",".join(sorted({queue.rpartition(":")[2] for queue in worker.queues}))
