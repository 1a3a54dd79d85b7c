"""Jobs: rows, one job in detail, why it is where it is, and where it runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .layout import Document, Paint, as_text, clean, facts, table
from .values import age, moment, plural
from .warnings import remedy_command, warnings

_STATUS = {"started": "green", "failed": "red", "stopped": "red", "canceled": "yellow", "vanished": "yellow"}
#: Of a running job: where it is.
_VERDICT = {"progressing": "green", "working": "green", "waiting": "yellow"} | dict.fromkeys(
    ("spinning", "blocked", "stopped", "gone"), "red"
)


def jobs(document: Document, paint: Paint) -> Iterator[str]:
    reached = document.get("reached")
    if not document["jobs"] and not reached:
        yield "No jobs." if not document["total"] else f"No jobs on page {document['page']}."
        return
    yield from rows(document["jobs"], paint)
    about = "≈ " if document["approximate"] else ""
    yield f"page {document['page']}, {about}{plural(document['total'], 'job')} in all"
    if document.get("unsorted"):
        yield clean(document["unsorted"])
    if reached:
        looked = f"{reached['scanned']:,} of {plural(reached['of'], 'job')}"
        yield f"Looked through {looked}: this is as far as it came. Go on with --after {reached['cursor']}"
    if document.get("by_expiry"):
        yield "What has ended is not sorted by its end here: it stands lane by lane, by when RQ will drop it."


def rows(found: Sequence[Document], paint: Paint) -> Iterator[str]:
    heads = ("status", "method", "arguments", "queue", "site", "user", "time", "id")
    arguments = _arguments(found)
    cells = [
        (_state(job), job["label"], arguments[place], job["queue"], job["site"], job["user"], _time(job), job["id"])
        for place, job in enumerate(found)
    ]
    yield from table(heads, cells, paint, colours=[_colour(job) for job in found], whole=(7,))


#: Arguments of a row, and characters of each.
_SHOWN, _CHARS = 2, 24


def _arguments(found: Sequence[Document]) -> list[str]:
    """What tells the jobs of one method apart: the arguments in which those shown differ; if none does, the first."""
    rows_of = Counter(job["method"] for job in found)
    values: dict[tuple[str, str], Counter[str]] = {}
    for job in found:
        for name, value in job["arguments"].items():
            values.setdefault((job["method"], name), Counter())[as_text(value)] += 1
    #: The same value in every row of its method tells nothing.
    telling = {key for key, counts in values.items() if counts.most_common(1)[0][1] < rows_of[key[0]]}
    methods = {method for method, _name in telling}
    lines = []
    for job in found:
        names = [name for name in job["arguments"] if job["method"] not in methods or (job["method"], name) in telling]
        lines.append("  ".join(f"{name}={as_text(job['arguments'][name])[:_CHARS]}" for name in names[:_SHOWN]))
    return lines


def waiting(document: Document, paint: Paint) -> Iterator[str]:
    if not document["waiting"]:
        yield "Nothing waits."
        return
    about = "" if document["exact"] else f", about: from a sample of {document['sample']:,}"
    yield paint(f"{plural(document['waiting'], 'job')} waiting{about}", bold=True)
    for part, rows_ in document["parts"].items():
        yield ""
        cells = [(f"{row['count']:,}", row["name"] or "(none)") for row in rows_]
        yield from table(("jobs", part), cells, paint, right=(0,))


def _state(job: Document) -> str:
    """What nothing runs is not called started, whatever its record says."""
    return "lost" if job.get("lost") else str(job["status"])


def _colour(job: Document) -> str | None:
    return "red" if job.get("lost") else _STATUS.get(job["status"])


def _time(job: Document) -> str:
    if job["elapsed_s"] is None or job.get("lost"):
        return ""
    limit = f" of {age(job['timeout_s'])}" if job["status"] == "started" and job["timeout_s"] else ""
    return age(job["elapsed_s"]) + limit


def search_summary(document: Document) -> str:
    more = "" if document.get("cursor") is None else ", there may be more"
    order = ". What has ended is not in the order of its ends: by when RQ will drop it, lane by lane"
    said = f"{plural(len(document['jobs']), 'hit')}{more}; {document.get('scanned', 0):,} jobs read"
    return said + (order if document.get("by_expiry") and document["jobs"] else "")


def job(document: Document, paint: Paint) -> Iterator[str]:
    yield f"{paint(document['label'], bold=True)}  {paint(_state(document), _colour(document))}"
    known = {
        "id": document["id"],
        "method": document["method"],
        "queue": document["queue"],
        "position": document["position"],
        "starts": f"within {age(start)}" if (start := document.get("expected_start_s")) is not None else None,
        "site": document["site"],
        "user": document["user"],
        "worker": document["worker"],
        "waited for by": plural(document["dependents_total"], "job") if document.get("dependents_total") else None,
        "lost": document.get("lost_reason"),
        "time": _time(document),
        "timeout": age(document["timeout_s"]),
        "due": moment(document["due_at"]),
        "actions": ", ".join(document["actions"]),
    }
    yield from facts({name: value for name, value in known.items() if value not in (None, "")}, paint)
    for title, values in (("arguments", document["arguments"]), ("result", {"": document["result"]})):
        shown = {name: as_text(value) for name, value in values.items() if value is not None}
        if shown:
            yield from ("", paint(title, bold=True), *facts(shown, paint))
    if document["policy"]:
        yield from ("", paint(f"policy {document['policy']['name']}", bold=True))
        yield from (f"  {sentence}" for sentence in document["policy"]["decided"] or ["It says nothing yet."])
    yield from ("", paint("timeline", bold=True))
    yield from facts({f"{step['event']}": moment(step["at"]) for step in document["timeline"]}, paint)
    earlier = document.get("runs_total", 0) - len(document["runs"])
    if earlier > 0:
        yield f"  {plural(earlier, 'earlier run')} not shown"
    for run in document["runs"]:
        yield f"  run {run['attempt']}: {paint(run['outcome'], _STATUS.get(run['outcome']))}"
    yield from _error(document["error"], paint)
    if document["warnings"]:
        yield ""
        yield from warnings(document, paint)


def _error(error: Document | None, paint: Paint) -> Iterator[str]:
    if not error:
        return
    yield from ("", paint(f"{error['type']}: {error['message']}", "red"))
    if error.get("cut"):
        yield paint(error["cut"], "yellow")
    for line in (error["traceback"] or "").splitlines():
        yield "  " + clean(line)


def explanation(document: Document, paint: Paint) -> Iterator[str]:
    state = paint(document["state"], _STATUS.get(document["state"]))
    yield f"{paint(document['label'], bold=True)}  {state}  {clean(document['job_id'])}"
    for cause in document["details"]:
        yield clean(cause["text"])
        subject = {"job_id": cause["job_id"], "queue": document["queue"], "evidence": cause["evidence"]}
        for remedy in cause["remedies"]:
            yield f"    {clean(remedy['label'])}: {paint(remedy_command(remedy['action'], subject), bold=True)}"


def where(document: Document, paint: Paint) -> Iterator[str]:
    yield f"{paint(document['verdict'], _VERDICT.get(document['verdict']), bold=True)}  {clean(document['text'])}"
    process = document["process"]
    if process:
        share = "" if process["cpu_share"] is None else f"  {process['cpu_share']:.0%} of a processor"
        memory, peak = (process[name] / 1e6 for name in ("memory_bytes", "peak_memory_bytes"))
        yield f"{memory:,.0f} MB of memory, {peak:,.0f} MB at most  {process['threads']} threads{share}"
    for stack in document["stacks"]:
        yield ""
        yield paint("The thread that runs it" if stack["main"] else "Another thread", bold=True)
        for each in document["native"] if stack["main"] else []:
            yield f"    {clean(each['library'])}  {clean(each['function'])}  (C code)"
        for frame in stack["frames"]:
            yield f"    {clean(frame['file'])}:{frame['line']}  {clean(frame['function'])}"
