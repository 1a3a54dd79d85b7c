"""Lanes, workers and drains as text for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .layout import Document, Paint, clean, table
from .outcomes import results
from .values import age, moment, plural, round_trip, size


def lanes(document: Document, paint: Paint) -> Iterator[str]:
    yield from _suspended(document, paint)
    heads = ("lane", "waiting", "oldest", "running", "busy/idle workers", "state")
    cells = [
        (
            queue["name"],
            f"{queue['counts']['queued']:,}",
            age(queue["oldest_wait_s"]),
            f"{queue['counts']['started']:,}",
            f"{queue['workers']['busy']}/{queue['workers']['idle']}",
            "paused" if queue["paused"] else "suspended" if document["suspended"] else "open",
        )
        for queue in document["queues"]
    ]
    yield from table(heads, cells, paint, right=range(1, 5), whole=(0,)) if cells else ["There are no lanes yet."]
    for queue in document["queues"]:
        if queue["paused"]:
            yield paused(queue, paint)
    for method in document["paused_methods"]:
        where = f" on {method['site']}" if method["site"] else ""
        yield paint(f"Jobs of {method['method']}{where} are paused {hold_text(method)}", "yellow")


def paused(queue: Document, paint: Paint) -> str:
    """One line of who, why and until when."""
    deaf = queue["paused"]["deaf"]
    note = f" {plural(len(deaf), 'worker')} without Job Console: {', '.join(deaf)}." if deaf else ""
    return paint(f"{queue['label']} is paused {hold_text(queue['paused'])}{note}", "yellow")


def hold_text(hold: Document) -> str:
    if hold["by"] is None:
        return f"until {moment(hold['until'])}." if hold["until"] else "without an end."
    return f"by {hold['by']} until {moment(hold['until'])}: {hold['reason'].rstrip('.')}."


def _suspended(document: Document, paint: Paint) -> Iterator[str]:
    if document["suspended"]:
        yield paint(f"All workers are suspended {hold_text(document['suspension'])} (job-console resume)", "yellow")


def workers(document: Document, paint: Paint) -> Iterator[str]:
    yield from _suspended(document, paint)
    heads = ("worker", "state", "queues", "job", "heard of", "since", "memory", "round trip", "RQ", "Python")
    living = [worker for worker in document["workers"] if worker["state"] != "gone"]
    cells = [
        (
            worker["name"],
            _state(worker),
            ", ".join(queue.rpartition(":")[2] for queue in worker["queues"]),
            worker["job_id"] or ("(another site's)" if worker["elsewhere"] else ""),
            age(worker["heartbeat_age_s"]),
            moment(worker["born_at"]),
            _memory(worker),
            round_trip(worker["round_trip_s"]),
            worker["rq_version"] or "",
            worker["python_version"] or "",
        )
        for worker in living
    ]
    yield from table(heads, cells, paint, whole=(0, 3)) if cells else ["No worker is alive."]
    for worker in living:
        if worker["quiet"]:
            yield paint(f"{worker['name']} is quiet {hold_text(worker['quiet'])}", "yellow")
    deaf = [worker["name"] for worker in living if not worker["obeys"]]
    if deaf:
        yield f"{plural(len(deaf), 'worker')} without Job Console: no pause of a queue, and no quiet: {', '.join(deaf)}"


def _memory(worker: Document) -> str:
    """Of the worker, and of the process of its job."""
    if worker["rss_bytes"] is None:
        return "not known"
    return " + ".join(size(each) for each in (worker["rss_bytes"], worker["horse_rss_bytes"]) if each is not None)


def _state(worker: Document) -> str:
    if worker["draining_since"]:
        return f"{worker['state']}, stops after its job"
    return f"{worker['state']}, quiet" if worker["quiet"] else str(worker["state"])


def drain(document: Document, paint: Paint) -> Iterator[str]:
    word = "safe" if document["safe"] else "not safe"
    yield f"{paint(word, 'green' if document['safe'] else 'yellow', bold=True)}  {clean(document['text'])}"
    heads = ("still running", "queue", "for", "usually over in", "at the latest in", "worker", "id")
    cells = [
        (
            block["label"],
            block["queue"],
            "about to start" if block["taken"] else age(block["ran_s"]),
            age(block["left_s"]),
            age(block["most_s"]),
            block["worker"],
            block["job_id"],
        )
        for block in document["blocks"]
    ]
    if cells:
        yield from table(heads, cells, paint, right=(2, 3, 4), whole=(6,))
    for job in document["lost"]:
        yield paint(f"{clean(job['label'])} ({job['job_id'] or job['queue']}) is lost: nothing runs it.", "red")
    for worker in document["nameless"]:
        yield f"{clean(worker)} says that it is busy, and names no job."
    if document["draining"]:
        yield f"Suspended {clean(hold_text(document['suspension']))} job-console resume ends it."


def done(target: str) -> Callable[[Document, Paint], Iterator[str]]:
    """Outcomes of an operation: of its target, or of each job that it moved."""

    def lines(document: Document, paint: Paint) -> Iterator[str]:
        named = [{**result, "job_id": result["job_id"] or target or "the bench"} for result in document["results"]]
        yield from results({"results": named}, paint)

    return lines
