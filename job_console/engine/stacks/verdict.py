"""Judges what a running job does, from two samples of its process. Pure.

`progressing`  it has reported progress a moment ago
`working`      it uses the processor, or is at another place than a moment ago
`spinning`     it uses the processor and does not leave one function
`waiting`      it is at the same place, and what it waits for may come
`blocked`      what it waits for cannot come by itself: its threads wait for each other, its disk does not answer
`stopped`      a signal keeps it from running
`gone`         there is no such process
"""

from __future__ import annotations

from dataclasses import dataclass

from ..messages import _, joined, listed
from ..models.stacks import Frame, Sample, Seen, Thread
from ..wording import duration
from . import code_lines

#: Shares of one processor: above the first a job computes, below the second it waits and only polls.
BUSY_SHARE = 0.5
IDLE_SHARE = 0.05

_WORDS = {
    "database": _("the database"),
    "redis": "Redis",
    "our_lock": _("a lock of Job Console"),
    "network": _("an answer over the network"),
    "child": _("a process that it started"),
    "lock": _("a lock inside its own process"),
    "file": _("a lock on a file"),
    "socket": _("a socket"),
    "sleep": _("its own sleep to end"),
    "pipe": _("a pipe"),
    "disk": _("the disk"),
    "events": _("something to happen on its files or sockets"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: str
    text: str
    #: The line of the application at which it is.
    place: Frame | None = None
    #: One of `_WORDS`, of a job that waits or is blocked.
    waits_for: str | None = None
    #: Since when it stands there: seconds.
    for_s: float = 0.0


def of(seen: Seen | None, progressing: bool = False) -> Verdict:
    """The verdict. `seen` None: there is no process. `progressing`: the job has reported progress a moment ago."""
    if seen is None:
        return Verdict("gone", _("Its process is gone."))
    after = seen.after
    place = code_lines.place(after.main) if after.main else None
    lasting = max(after.at - seen.since, 0.0)
    verdict = _judge(seen, place, lasting, progressing)
    notes: list[str] = [verdict.text]
    if not after.stacks and after.problem:
        notes.append(_("Where it is in its code is not known: {problem}.").format(problem=after.problem))
    if seen.full:
        notes.append(_("Hardly any room is left on {full}.").format(full=listed(seen.full)))
    return Verdict(verdict.kind, joined(notes), place, verdict.waits_for, lasting)


def _judge(seen: Seen, place: Frame | None, lasting: float, progressing: bool) -> Verdict:
    before, after = seen.before, seen.after
    here = _("at {place}").format(place=code_lines.words(place)) if place else ""
    share = _share(before, after)
    if after.process.state in "Tt":
        text = _("It is stopped by a signal (SIGSTOP), and goes on when somebody lets it (SIGCONT).")
        if after.process.state == "t":
            text = _("It is stopped by a debugger, and goes on when somebody lets it (SIGCONT).")
        return Verdict("stopped", text)
    if share < IDLE_SHARE and _in_kernel(before) and _in_kernel(after):
        return Verdict(
            "blocked",
            _("It waits {long} inside the kernel {here}: its disk does not answer.").format(
                long=_long(lasting), here=here
            ),
            waits_for="disk",
        )
    if progressing:
        return Verdict("progressing", _("It comes on {here}.").format(here=here))
    stands = code_lines.same(before.main, after.main)
    if _wanted(before, after) >= BUSY_SHARE:
        return _busy(seen, place, share, lasting, stands)
    if share < IDLE_SHARE and (stands or not before.main or not after.main):
        return _waiting(seen, place, lasting)
    return Verdict("working", _("It works, and is {here} at this moment.").format(here=here or _("in its code")))


def _busy(seen: Seen, place: Frame | None, share: float, lasting: float, stands: bool) -> Verdict:
    more = "" if share >= BUSY_SHARE else _("(its host has no more for it)")
    said = {"share": share, "more": more, "long": _long(lasting), "place": code_lines.words(place) if place else ""}
    if stands and place:
        code = ""
        if seen.native:
            code = _(", in C code ({function} of {library})").format(
                function=seen.native[0].function, library=seen.native[0].library
            )
        text = _(
            "It uses {share:.0%} of a processor {more} {long} on one line, {place}{code}: one long call, or many short "
            "ones."
        )
        return Verdict("spinning", text.format(**said, code=code))
    if code_lines.within(seen.before.main, seen.after.main) and place:
        text = _("It uses {share:.0%} of a processor {more} {long} and has not left {function}, now at {place}.")
        return Verdict("spinning", text.format(**said, function=place.function))
    text = _("It uses {share:.0%} of a processor {more}.")
    if place:
        text = _("It uses {share:.0%} of a processor {more}, now at {place}.")
    return Verdict("working", text.format(**said))


def _asleep(seen: Seen) -> Sample:
    """The sample in which the job sleeps: a job that retries, and sleeps in between, may be at a try in the newest."""
    now, earlier = _main(seen.after), _main(seen.before)
    awake = now is not None and now.wait is None
    slept = earlier is not None and earlier.wait is not None and earlier.wait.kind == "sleep"
    return seen.before if awake and slept else seen.after


def _waiting(seen: Seen, place: Frame | None, lasting: float) -> Verdict:
    asleep = _asleep(seen)
    subject = _subject(asleep)
    here = _("from {place}").format(place=code_lines.words(place)) if place else ""
    inside = code_lines.inside(asleep.main) if asleep.main else ""
    call = _(", in {inside}").format(inside=inside) if inside else ""
    stands = _("It has not moved {here} {long}{call}").format(here=here, long=_long(lasting), call=call)
    if place and not seen.before.main:  # where it was is not known
        stands = _("It is at {place}{call}").format(place=code_lines.words(place), call=call)
    if subject == "lock" and _nobody_else_acts(asleep):
        others = len(asleep.process.threads) - 1 - _servants(asleep)
        if not others:
            text = _(
                "{stands}: it waits for a lock inside its own process, and nobody else is there to give it back: a "
                "deadlock."
            )
        elif others == 1:
            text = _("{stands}: it waits for a lock inside its own process, and so does its other thread: a deadlock.")
        else:
            text = _(
                "{stands}: it waits for a lock inside its own process, and so do its {others} other threads: a "
                "deadlock."
            )
        return Verdict(
            "blocked",
            text.format(stands=stands, others=others),
            waits_for="lock",
        )
    return Verdict(
        "waiting",
        _("{stands}: it waits for {named}.").format(stands=stands, named=_named(asleep, subject)),
        waits_for=subject,
    )


def _subject(sample: Sample) -> str:
    """What the job waits for: the kernel's answer where it names a thing; what a socket is for, the library tells."""
    thread = _main(sample)
    kernel = thread.wait.kind if thread and thread.wait else None
    library = code_lines.subject(sample.main) if sample.main else None
    if kernel == "endless_lock":
        return "lock"
    if kernel in ("lock", "sleep", "child", "file", "disk", "pipe"):
        # Redis' and the database's libraries sleep between two attempts, a child is awaited by polling.
        return library if kernel in ("sleep", "pipe") and library in ("child", "our_lock", "database") else kernel
    return library or kernel or "events"


def _named(sample: Sample, subject: str) -> str:
    thread = _main(sample)
    other = thread.wait.what if thread and thread.wait else ""
    return joined((_WORDS.get(subject, subject), f"({other})" if other else ""))


def _nobody_else_acts(sample: Sample) -> bool:
    """Whether all threads wait, without a time limit, for locks of this process, so that the one that holds a lock
    waits too. False for a process with more threads than were read.

    Threads that serve the worker do not count: they take no lock of the job's.
    """
    threads = [thread for thread in sample.process.threads if not thread.serves]
    waiting = [thread.wait is not None and thread.wait.kind == "endless_lock" for thread in threads]
    unknown = _servants(sample) - (len(sample.process.threads) - len(threads))
    return not sample.process.more_threads and waiting[:1] == [True] and waiting.count(False) <= unknown


def _servants(sample: Sample) -> int:
    """How many threads serve the worker: RQ's was known before the job began, and ours is recognised by its stack."""
    known = sum(thread.serves for thread in sample.process.threads)
    return max(known, sum(not stack.main and code_lines.serves(stack) for stack in sample.stacks))


def _main(sample: Sample) -> Thread | None:
    return next(iter(sample.process.threads), None)


def _in_kernel(sample: Sample) -> bool:
    thread = _main(sample)
    return thread is not None and thread.state == "D"


def _share(before: Sample, after: Sample) -> float:
    passed = after.at - before.at
    return (after.process.cpu_s - before.process.cpu_s) / passed if passed > 0 else 0.0


def _wanted(before: Sample, after: Sample) -> float:
    """The share of a processor that it would use if nobody else wanted one."""
    passed = after.at - before.at
    return _share(before, after) + (after.process.queued_s - before.process.queued_s) / max(passed, 1e-3)


def _long(seconds: float) -> str:
    """`for 4 min`; "" for less than a moment."""
    return _("for {duration}").format(duration=duration(seconds)) if seconds >= 2 else ""
