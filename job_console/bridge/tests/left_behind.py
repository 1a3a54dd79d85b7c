"""What tests have left in the queue's Redis: each of them tidies up by it, and `bin/test-bench` asks it of all of them
together. Asks Frappe nothing: the tests of the desk use it from outside.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from job_console.engine.rq import call

#: In the id of every job that tests make.
MARK = "job-console-test-"
#: A site that there is not, whose jobs tests write.
OTHER_SITE = "somebody-else.example"


class Entry(NamedTuple):
    """One id in a list, a registry or a set; or, without a member, a key of another kind: a record, its results."""

    key: str
    kind: str
    member: str = ""

    @property
    def job_id(self) -> str:
        """The job that it is about; more may follow it, as in `JOB:EXECUTION`."""
        for prefix in _ABOUT_JOBS:
            if self.key.startswith(prefix):
                return self.key.removeprefix(prefix).lstrip(":")
        return self.member or self.key.rpartition(":first_seen:")[2]

    def __str__(self) -> str:
        return f"{self.key} {self.member}".strip()


_ABOUT_JOBS = ("rq:job:", "rq:results:", "rq:executions:", "rq:execution:", "rq:stop_job:")
#: A command and its arguments behind the key, by the kind of key.
_READ: dict[str, tuple[str, tuple[int, ...]]] = {
    "list": ("lrange", (0, -1)),
    "zset": ("zrange", (0, -1)),
    "set": ("smembers", ()),
}
_REMOVE: dict[str, tuple[str, tuple[int, ...]]] = {"list": ("lrem", (0,)), "zset": ("zrem", ()), "set": ("srem", ())}
#: What RQ and Job Console keep of a bench whatever ran: its queues, the audit trail, published policies.
_OF_THE_BENCH = ("rq:queues", "rq:clean_registries:", "rq:job_console:audit", "rq:job_console:policies")


def standing(redis: Any) -> set[Entry]:
    """All that RQ's keys hold, and those of ours that never expire. Three round trips."""
    names = [name.decode() for name in redis.scan_iter("rq:*", count=100_000)]
    names = [name for name in names if not name.startswith(_OF_THE_BENCH)]
    asked = redis.pipeline(transaction=False)
    for name in names:
        asked.type(name).ttl(name)
    answers = asked.execute()
    kinds = {
        name: kind.decode()
        for name, kind, ttl in zip(names, answers[::2], answers[1::2], strict=True)
        if kind != b"none" and (ttl == -1 or not name.startswith("rq:job_console:"))
    }
    for name, kind in kinds.items():
        command, arguments = _READ.get(kind, ("exists", ()))
        getattr(asked, command)(name, *arguments)
    found = set()
    for (name, kind), answer in zip(kinds.items(), asked.execute(), strict=True):
        found |= {Entry(name, kind, each.decode()) for each in answer} if kind in _READ else {Entry(name, kind)}
    return found


def of_sites(entries: set[Entry], *sites: str) -> set[Entry]:
    """Those about jobs whose ids name one of these sites."""
    marks = tuple(f"{site}{mark}" for site in sites for mark in ("||", "::"))
    return {entry for entry in entries if entry.job_id.startswith(marks)}


def of_tests(entries: set[Entry]) -> set[Entry]:
    """Those about jobs that tests have made, of a run that was broken off, too."""
    return {entry for entry in entries if MARK in entry.job_id} | of_sites(entries, OTHER_SITE)


def remove(redis: Any, entries: set[Entry]) -> None:
    pipeline = redis.pipeline(transaction=False)
    for entry in entries:
        if entry.kind in _REMOVE:
            command, arguments = _REMOVE[entry.kind]
            getattr(pipeline, command)(entry.key, *arguments, entry.member)
        else:
            pipeline.delete(entry.key)
    pipeline.execute()


def forget_dead_workers(redis: Any) -> None:
    """Those that tests killed: RQ takes them for alive until their records expire, and names them after that."""
    known = redis.smembers("rq:workers") | set(redis.scan_iter("rq:worker:*", count=100_000))
    for name in known:
        pid = redis.hget(name, "pid")
        if pid is None or not Path(f"/proc/{pid.decode()}").exists():
            for group in ("rq:workers", *redis.scan_iter("rq:workers:*", count=100_000)):
                redis.srem(group, name)
            redis.delete(name)


def described(redis: Any, entries: set[Entry]) -> Iterator[str]:
    """In words for people: a record with what it runs and when it was made."""
    for entry in sorted(entries):
        if entry.kind == "hash" and entry.key.startswith("rq:job:"):
            data, made = redis.hmget(entry.key, "data", "created_at")
            method = call.read(entry.job_id, data, len(data or b"")).method
            yield f"{entry}: {method}, made at {(made or b'?').decode()}"
        else:
            yield str(entry)
