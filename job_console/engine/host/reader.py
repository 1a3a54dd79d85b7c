"""The process that reads the stacks of its host's jobs: `python -m job_console.engine.host.reader`.

There is one on each host, outside the jobs' interpreters, so that it can read a job whose own threads cannot run. A
thread of it does duties that are due (`duty_thread`). It ends by itself when its host has no more jobs and nothing
waits for its time, when another reader has replaced it, or when its code is replaced.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic, sleep, time
from typing import Any
from uuid import uuid4

from redis.exceptions import RedisError

from ..messages import _, pack
from ..models.stacks import Armed, Run, Sample, Seen
from ..output import limits as output_limits
from ..redis import keys, same_server
from ..redis.link import ANSWER_TIMEOUT_S, CONNECT_TIMEOUT_S, Pipeline, Redis, first_within, pipelined, script
from ..stacks import asking, code_lines, disks, ending, native, post_mortem, process, sample, serving
from ..stacks import limits as stacks_limits
from ..stacks.arming import host
from . import sampling
from .duty_thread import DutyThread
from .logs import Logs
from .presence import Presence
from .profiling import Profiler

log = logging.getLogger("job_console")
#: The engine: what is due is moved by its scripts.
_FOLDER = Path(__file__).parents[1]


class Reader:
    def __init__(
        self,
        redis: Redis,
        queue_prefix: str | None = None,
        folder: str | None = None,
        tied_to: tuple[int, int] | None = None,
    ) -> None:
        """`tied_to`: (pid, start time) of a process with which this one ends. The others: see `DutyThread`."""
        self.redis = redis
        self.tied_to = tied_to
        self.duties = DutyThread(redis, queue_prefix, folder)
        self.host = host()
        self.name = f"{os.getpid()} {uuid4().hex}"
        #: The newest samples of each run, and since when it has been at the same place.
        self.known: dict[Run, Seen] = {}
        self._code = _code()
        self._last_job = self._asked_at = monotonic()
        by_sentinels = same_server.by_sentinels(redis)
        self._deaf_s = stacks_limits.READER_FAILOVER_S if by_sentinels else stacks_limits.READER_DEAF_S
        self._next_look = 0.0
        self._kills = process.memory_kills()
        self._next_presence = 0.0
        self._presence = Presence(redis)
        self._profiler = Profiler(redis)
        self._logs = Logs(redis)
        self._next_logs = 0.0

    def run(self) -> None:
        """Until it is not needed. A Redis that is away for a moment is waited for."""
        self._sign()
        self.duties.start()
        try:
            while self._is_needed() and _code() == self._code:
                if not self._turn():
                    return
        finally:
            self.duties.end()
        self._leave_to_the_next_one()

    def _sign(self) -> None:
        """It is there, and looks after these benches."""
        entry = serving.entry_of(self.name, self.duties.benches)
        self.redis.set(keys.stack_reader(self.host), entry, ex=int(stacks_limits.READER_ALIVE_S))

    def _is_needed(self) -> bool:
        if self.tied_to is not None and process.born(self.tied_to[0]) != self.tied_to[1]:
            return False
        return self.duties.waiting or monotonic() - self._last_job < stacks_limits.READER_IDLE_S

    def _leave_to_the_next_one(self) -> None:
        """When its code was replaced, and not removed, start a reader of the new code if something waits."""
        if self.duties.waiting and _code():
            self.redis.set(keys.stack_reader(self.host), "starting", ex=int(stacks_limits.READER_ALIVE_S))
            first = next(iter(self.duties.benches.values()), None)  # jobs of the others will tell of theirs
            bench = (first.queue_prefix, first.folder) if first else (None, None)
            serving.start(self.redis, *bench)
        else:
            self.redis.delete(keys.stack_reader(self.host))

    def _turn(self) -> bool:
        """Take samples when it is time, and answer one question if there is one. False: it is not needed any more."""
        try:
            now, looks = monotonic(), monotonic() >= self._next_look
            armed = self._armed() if now >= min(self._next_look, self._next_logs, self._next_presence) else []
            # Both before a look, which takes away the entries of processes that have ended: what they said last, and
            # their workers, which may be in no other list.
            if looks or now >= self._next_logs:
                self._logs.see(armed[: stacks_limits.READER_JOBS])
                self._next_logs = monotonic() + output_limits.EVERY_S
            if looks and not self._still_the_one():
                return False
            if looks or now >= self._next_presence:
                self._see_who_is_there(armed)
                self._next_presence = monotonic() + stacks_limits.PRESENCE_LOOK_S
            if looks:
                self._look(armed)
                self._next_look = monotonic() + stacks_limits.READER_LOOK_S
            self._answer_one(wait_s=max(min(self._next_logs, self._next_look, self._next_presence) - monotonic(), 0.1))
            self._asked_at = monotonic()
        except RedisError:
            sleep(1.0)
        return monotonic() - self._asked_at < self._deaf_s

    def look(self) -> None:
        """Sample the process of each job of this host, and write the samples to Redis."""
        self._look(self._armed())

    def _look(self, mine: list[Armed]) -> None:
        if mine:
            self._last_job = monotonic()
        killed, self._kills = process.memory_kills() - self._kills, process.memory_kills()
        pipeline = pipelined(self.redis)
        for armed in mine[: stacks_limits.READER_JOBS]:
            seen, known = self._see(armed), self.known.get(armed.run)
            last = seen or (replace(known, out_of_memory=True) if known and killed > 0 else None)
            if last is not None:
                _leave(pipeline, armed, last)
            if seen is None:
                pipeline.eval(script("disarm"), 1, keys.ARMED, armed.job_id, armed.text())
        alive = {armed.run for armed in mine}
        self.known = {run: seen for run, seen in self.known.items() if run in alive}
        pipeline.execute()

    def see_who_is_there(self) -> None:
        """Also the workers that only the jobs of this host name."""
        self._see_who_is_there(self._armed())

    def _see_who_is_there(self, armed: list[Armed]) -> None:
        self._presence.see(each.job_id for each in armed[: stacks_limits.READER_JOBS])

    def _armed(self) -> list[Armed]:
        fields: Any = self.redis.hgetall(keys.ARMED)
        found = {job_id: Armed.from_text(value) for job_id, value in fields.items()}
        old = [job_id for job_id, armed in found.items() if not armed or armed.at < time() - stacks_limits.ARMED_TTL_S]
        if old:
            self.redis.hdel(keys.ARMED, *old)
        return [armed for armed in found.values() if armed and armed.host == self.host]

    def _see(self, armed: Armed) -> Seen | None:
        """Sample one process. None: it is gone. Stacks are only read of a job that has run for a while, and not while
        it goes on sleeping.
        """
        known = self.known.get(armed.run)
        found = sample.take(armed, stacks=False)
        if found and time() - armed.at >= stacks_limits.READER_STACKS_S and sampling.stacks_due(known, found):
            found = sampling.settled(armed, sample.take(armed))
        return self._note(armed, known, found) if found else None

    def _note(self, armed: Armed, known: Seen | None, found: Sample) -> Seen:
        if known is None:
            known = Seen(found, found, found.at)
        elif found.stacks or found.problem:
            since = known.since if sampling.stands(known.after, found) else found.at
            known = Seen(known.after, found, since, disks.full(armed.pid))
        else:
            known = replace(known, after=sampling.with_stacks_of(known.after, found))
        self.known[armed.run] = known
        return known

    def _answer_one(self, wait_s: float) -> None:
        popped = first_within(self.redis, keys.stack_questions(self.host), wait_s)
        if popped is None:
            return
        try:
            asked = json.loads(popped)
            if asked["what"] == asking.BENCH:
                self.duties.add(str(asked["queue_prefix"]), asked["folder"] and str(asked["folder"]))
                self._sign()
                return
            question, what, text = str(asked["question"]), str(asked["what"]), str(asked["text"])
            run, until = tuple(asked["run"]), float(asked["until"])
            armed, now = self._armed_now(str(run[0]))
        except (ValueError, TypeError, KeyError, IndexError):
            return
        if now > until:
            return  # nobody waits for it any more, and a later run must not be ended
        mine = armed if armed and armed.host == self.host and armed.run == run else None
        if what == asking.PROFILE:
            self._profiler.start(question, mine)
        else:
            asking.give(self.redis, question, self._answer(what, mine, text))

    def _armed_now(self, job_id: str) -> tuple[Armed | None, float]:
        """(the process that runs the job now, the time by the clock of Redis)."""
        pipeline = pipelined(self.redis)
        pipeline.hget(keys.ARMED, job_id)
        pipeline.time()
        value, (seconds, microseconds) = pipeline.execute()
        return Armed.from_text(value or b""), seconds + microseconds / 1e6

    def _answer(self, what: str, armed: Armed | None, text: str) -> dict[str, Any]:
        """The answer to a question. There is always one, since the caller waits for it."""
        try:
            return self._do(what, armed, text)
        except Exception as error:
            log.exception("The reader of stacks could not %s.", what)
            text = _("The reader of its host could not do it ({error})")
            return {"problem": pack(text.format(error=f"{type(error).__name__}: {error}"))}

    def _do(self, what: str, armed: Armed | None, text: str) -> dict[str, Any]:
        if what == asking.INTERRUPT:
            return {"done": armed is not None and ending.interrupt(armed, text)}
        if what == asking.KILL:
            return {"done": armed is not None and ending.kill(armed)}
        seen = self._see_twice(armed) if armed else None
        return {"seen": seen and asdict(seen)}

    def _see_twice(self, armed: Armed) -> Seen | None:
        before = sample.take(armed)
        if before is None:
            return None
        known = self._note(armed, self.known.get(armed.run), before)
        sleep(stacks_limits.SAMPLES_APART_S)
        after = sample.take(armed, since=before)
        if after is None:
            return None
        since = known.since if sampling.stands(before, after) else after.at
        inside = native.frames(armed) if code_lines.same(before.main, after.main) else ()
        return Seen(before, after, since, disks.full(armed.pid), native=inside)

    def _still_the_one(self) -> bool:
        holder: Any = self.redis.get(keys.stack_reader(self.host))
        if holder not in (None, serving.STARTING) and not holder.startswith(f"{self.name} ".encode()):
            return False
        self._sign()
        return True


def _leave(pipeline: Pipeline, armed: Armed, seen: Seen) -> None:
    names = (keys.ARMED, keys.last_seen(armed.job_id))
    note = post_mortem.note(seen, armed.at)
    pipeline.eval(script("note_seen"), 2, *names, armed.job_id, armed.text(), note, stacks_limits.LAST_SEEN_TTL_S)


def _code() -> tuple[tuple[str, int], ...]:
    """Identifies the code: it changes when the app is replaced, and an older reader's answers would be misread."""
    try:
        return tuple(
            sorted(
                (file.name, file.stat().st_mtime_ns) for file in _FOLDER.rglob("*.*") if file.suffix in (".py", ".lua")
            )
        )
    except OSError:
        return ()


def main() -> None:
    given = json.load(sys.stdin)
    # It blocks for as long as one look lasts, and that must not be taken for a dead server.
    tied_to = given.get("tied_to")
    if tied_to:
        serving.tie_to(tied_to[0])  # also the one that this one may start
    patience = {
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "socket_timeout": ANSWER_TIMEOUT_S + stacks_limits.READER_LOOK_S,
    }
    connection = same_server.reach(given, **patience)
    Reader(connection, given.get("queue_prefix"), given.get("folder"), tied_to and (tied_to[0], tied_to[1])).run()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt, RedisError):
        main()
