"""The engine's documents as text for people. One function a document: lines in, nothing printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from .terminal import fit

Document = Mapping[str, Any]

VERDICT = {"ok": "green", "warning": "yellow", "critical": "red", "info": "blue"}
_STATUS = {"started": "green", "failed": "red", "stopped": "red", "canceled": "yellow", "vanished": "yellow"}
#: Columns wider than this are cut; `show` and --json have the whole.
_WIDEST = 60


class Paint:
    """Colours, or not. Text is cleaned in any case: a job's words must not steer the reader's terminal."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, value: Any, colour: str | None = None, bold: bool = False) -> str:
        plain = clean(value)
        return click.style(plain, fg=colour, bold=bold) if self._colour and (colour or bold) else plain


def clean(value: Any) -> str:
    """Control characters made visible, lines kept apart by spaces, and as this terminal can write it."""
    return fit("".join(char if char.isprintable() else _visible(char) for char in str(value)))


def _visible(char: str) -> str:
    return " " if char in "\n\r\t" else char.encode("unicode_escape").decode("ascii")


def snapshot(document: Document, paint: Paint) -> Iterator[str]:
    health, redis = document["health"], document["redis"]
    said = health["verdict"] if health.get("telling", True) else "unknown"
    reported = health["reasons"] or [" ".join(health.get("evidence", ()))]
    yield paint(said, VERDICT.get(said), bold=True) + "".join(f"   {clean(reason)}" for reason in reported)
    if health.get("silenced"):
        yield f"{plural(health['silenced'], 'warning')} silenced (acknowledged, snoozed or muted) and not counted."
    memory = " of ".join(size(redis[name]) for name in ("used_bytes", "max_bytes") if redis.get(name))
    living = [worker for worker in document["workers"] if worker["state"] != "gone"]
    yield f"{plural(len(living), 'worker')}, Redis {memory or '?'}, at {moment(document['at'])}"
    for duty in document["duties"]:
        if duty["failures"]:
            failed = f"{duty['key']} failed {plural(duty['failures'], 'time')} in a row: {duty['error']}"
            yield paint(failed, "red")
    for note in document["notes"]:
        yield paint(note, "yellow")
    if document["suspended"]:
        yield paint("The workers are told to take no work (job-console resume).", "yellow")
    yield ""
    heads = ("lane", "waiting", "oldest", "running", "failed", "finished", "busy/idle workers")
    yield from table(heads, [_lane(queue) for queue in document["queues"]], paint, right=range(1, 6))
    running = [job for queue in document["queues"] for job in queue["running"]]
    if running:
        yield from ("", paint("running", bold=True))
        yield from rows(running, paint)
    yield ""
    yield from warnings(document, paint)


def _lane(queue: Document) -> tuple[str, ...]:
    counts, workers = queue["counts"], queue["workers"]
    return (
        queue["name"],
        f"{counts['queued']:,}",
        ("≥ " if queue["oldest_wait_at_least"] and queue["oldest_wait_s"] else "") + age(queue["oldest_wait_s"]),
        f"{counts['started']:,}",
        f"{counts['failed']:,}",
        f"{counts['finished']:,}",
        f"{workers['busy']}/{workers['idle']}"
        + (f", {workers['draining']} stopping" if workers.get("draining") else ""),
    )


def jobs(document: Document, paint: Paint) -> Iterator[str]:
    if not document["jobs"]:
        yield "No jobs." if not document["total"] else f"No jobs on page {document['page']}."
        return
    yield from rows(document["jobs"], paint)
    about = "≈ " if document["approximate"] else ""
    yield f"page {document['page']}, {about}{plural(document['total'], 'job')} in all"
    if document.get("by_expiry"):
        yield "What has ended is not sorted by its end here: it stands lane by lane, by when RQ will drop it."


def rows(found: Sequence[Document], paint: Paint) -> Iterator[str]:
    heads = ("status", "method", "queue", "site", "user", "time", "id")
    cells = [
        (_state(job), job["label"], job["queue"], job["site"], job["user"], _time(job), job["id"]) for job in found
    ]
    yield from table(heads, cells, paint, colours=[_colour(job) for job in found], whole=(6,))


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
    return f"{plural(len(document['jobs']), 'hit')}{more}; {document.get('scanned', 0):,} jobs read"


def job(document: Document, paint: Paint) -> Iterator[str]:
    yield f"{paint(document['label'], bold=True)}  {paint(_state(document), _colour(document))}"
    facts = {
        "id": document["id"],
        "method": document["method"],
        "queue": document["queue"],
        "position": document["position"],
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
    yield from _facts({name: value for name, value in facts.items() if value not in (None, "")}, paint)
    for title, values in (("arguments", document["arguments"]), ("result", {"": document["result"]})):
        shown = {name: _value(value) for name, value in values.items() if value is not None}
        if shown:
            yield from ("", paint(title, bold=True), *_facts(shown, paint))
    if document["policy"]:
        yield from ("", paint(f"policy {document['policy']['name']}", bold=True))
        yield from (f"  {sentence}" for sentence in document["policy"]["decided"] or ["It says nothing yet."])
    yield from ("", paint("timeline", bold=True))
    yield from _facts({f"{step['event']}": moment(step["at"]) for step in document["timeline"]}, paint)
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


def warnings(document: Document, paint: Paint) -> Iterator[str]:
    surveyed = document.get("surveyed")
    if surveyed and surveyed["of"]:
        yield clean(surveyed["text"])
        if surveyed["share"] != 1.0:
            yield f"{paint('--deep', bold=True)} goes through all."
    if not document["warnings"]:
        known = surveyed is None or surveyed["share"] == 1.0
        yield paint("Nothing needs you.", "green") if known else "Nothing needs you, as far as was surveyed."
    for warning in document["warnings"]:
        code = paint(warning["code"], VERDICT.get(warning["severity"]), bold=True)
        yield f"{code}  {clean(warning['message'])}{_silence(warning)}"
        for remedy in warning["remedies"]:
            yield f"    {clean(remedy['label'])}: {paint(_remedy_command(remedy['action'], warning), bold=True)}"

    if document["warnings"] and document["warnings"][0].get("id"):
        yield f"To silence one, e.g. the first: {paint('job-console acknowledge ' + document['warnings'][0]['id'])}"


def silenced(document: Document, paint: Paint) -> Iterator[str]:
    what = f"{document['warning']}  {document['code']}"
    yield f"{paint('done', 'green')}  {clean(what)}{_silence(document) or '  is told again'}"


def _silence(document: Document) -> str:
    if not document.get("silenced"):
        return ""
    why = f": {document['silence_reason']}" if document["silence_reason"] else ""
    return clean(f"  ({document['silenced']} by {document['acknowledged_by']} until {moment(document['until'])}{why})")


def _remedy_command(action: str, warning: Document) -> str:
    if action == "release_lock":
        return release_command(warning["evidence"]["lock"])
    if (warning.get("evidence") or {}).get("count", 1) != 1 and warning.get("id"):
        return f"job-console remedy {warning['id']} {action.replace('_', '-')}"
    words = ["job-console", action.replace("_", "-")]
    if warning["job_id"] and action != "resume":
        words.append(_quoted(warning["job_id"]))
    if action == "clear" and warning["queue"]:
        words += ["--queue", _quoted(warning["queue"])]
    return " ".join(words)


def release_command(lock: str) -> str:
    return f"job-console release {_quoted(lock)} --reason …"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def results(document: Document, paint: Paint) -> Iterator[str]:
    for result in document["results"]:
        mark = paint("done", "green") if result["ok"] else paint("not done", "red")
        change = result["state_before"]
        if result["state_after"] != change:
            change += f" → {result['state_after']}"
        new = f", new job {result['new_job_id']}" if result.get("new_job_id") else ""
        why = f": {result['reason']}" if result["reason"] else ""
        yield f"{mark}  {clean(result['job_id'])}  {clean(change)}{clean(new)}{clean(why)}"


#: Of a running job: where it is.
_VERDICT = {"progressing": "green", "working": "green", "waiting": "yellow"} | dict.fromkeys(
    ("spinning", "blocked", "stopped", "gone"), "red"
)


def explanation(document: Document, paint: Paint) -> Iterator[str]:
    state = paint(document["state"], _STATUS.get(document["state"]))
    yield f"{paint(document['label'], bold=True)}  {state}  {clean(document['job_id'])}"
    for cause in document["details"]:
        yield clean(cause["text"])
        subject = {"job_id": cause["job_id"], "queue": document["queue"], "evidence": cause["evidence"]}
        for remedy in cause["remedies"]:
            yield f"    {clean(remedy['label'])}: {paint(_remedy_command(remedy['action'], subject), bold=True)}"


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


def mended(document: Document, paint: Paint) -> Iterator[str]:
    if not (document["results"] or document["left"]):
        yield paint("Nothing needs to be mended.", "green")
    for result in document["results"]:
        mark = paint("done", "green") if result["ok"] else paint("not done", "red")
        if document["dry_run"]:
            mark = paint("would be done", "yellow")
        what = f"{result['label']} ({result['code']})"
        change = result["state_before"]
        if result["state_after"] != change:
            change += f" → {result['state_after']}"
        why = f": {result['reason']}" if result["reason"] else ""
        subject = result["lock"] or result["job_id"] or "the bench"
        yield f"{mark}  {clean(what)}  {clean(subject)}  {clean(change)}{clean(why)}"
    if document["left"]:
        yield from ("", paint("Left for you:", bold=True))
        yield from warnings({"warnings": document["left"]}, paint)


def audit(document: Document, paint: Paint) -> Iterator[str]:
    heads = ("at", "who", "action", "job", "state", "reason")
    cells = [
        (
            moment(entry["at"]),
            entry["actor"],
            entry["action"] if entry["ok"] else f"{entry['action']} (not done)",
            entry["job_id"],
            f"{entry['state_before']} → {entry['state_after']}",
            entry["reason"],
        )
        for entry in document["entries"]
    ]
    yield from table(heads, cells, paint, whole=(3,)) if cells else ["Nobody has acted yet."]


def table(
    heads: Sequence[str],
    cells: Sequence[Sequence[Any]],
    paint: Paint,
    right: Iterable[int] = (),
    whole: Iterable[int] = (),
    colours: Sequence[str | None] = (),
) -> Iterator[str]:
    """Aligned columns. `right`: aligned right; `whole`: never cut; `colours`: of each row's first cell."""
    texts = [
        [_cut(clean("" if cell is None else cell), None if i in whole else _WIDEST) for i, cell in enumerate(row)]
        for row in cells
    ]
    widths = [max(len(text) for text in column) for column in zip(heads, *texts, strict=True)]

    def line(row: Sequence[str], colour: str | None = None, bold: bool = False) -> str:
        padded = [
            text.rjust(width) if i in right else text.ljust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        painted = [paint(padded[0], colour, bold), *(paint(cell, bold=bold) for cell in padded[1:])]
        return "  ".join(painted).rstrip()

    yield line(heads, bold=True)
    for number, row in enumerate(texts):
        yield line(row, colours[number] if colours else None)


def _cut(text: str, most: int | None) -> str:
    if most is None or len(text) <= most:
        return text
    end = fit("…")
    return text[: most - len(end)] + end


def _facts(facts: Mapping[str, Any], paint: Paint) -> Iterator[str]:
    width = max((len(name) for name in facts), default=0)
    for name, value in facts.items():
        yield f"  {clean(name).ljust(width)}  {paint(value)}".rstrip()


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def age(seconds: float | None) -> str:
    """A duration in its two largest units: 4.2 s, 3 min 20 s, 17 h 5 min, 3 d 2 h."""
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    for name, long, part, short in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= long:
            rest = int(seconds % long // short)
            return f"{int(seconds // long)} {name}" + (f" {rest} {part}" if rest else "")
    return f"{int(seconds)} s"


def moment(iso: str | None) -> str:
    """In the reader's own zone."""
    if not iso:
        return ""
    return datetime.fromisoformat(iso.replace("Z", "+00:00")).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def size(count: int) -> str:
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:,.0f} {unit}"
    return f"{count} B"


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
