"""What is known of a running process from outside. Frames only: no value of any variable is ever read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from ..messages import pack, unpack

#: One run of a job: its id, its process by pid and birth, and when it was armed. A worker that does not fork runs one
#: job after the other in the same process, and a job may run again under the same id.
Run = tuple[str, int, int, float]


@dataclass(frozen=True, slots=True)
class Armed:
    """A process that runs a job and lets its stacks be read. It is known again by pid and birth."""

    job_id: str
    host: str
    pid: int
    #: Clock ticks after boot (/proc/PID/stat): another process with this pid has another birth.
    born: int
    #: For the stack of its main thread.
    signal: int
    #: Its file descriptor that the stacks are written to.
    fd: int
    #: When, by the clock of its host: seconds since the epoch.
    at: float
    #: The signal and the descriptor by which it can be interrupted (`interrupt`); 0: it cannot.
    interrupt: int = 0
    request_file: int = 0
    #: The signal for the stacks of all its threads; 0: there is none.
    all_threads: int = 0
    #: The kernel's ids of its threads that serve the worker, not the job.
    servants: tuple[int, ...] = ()
    #: The signal and the descriptor for its stacks at a safe point of its Python code (`safe_point`); 0: there is none.
    safe_point: int = 0
    safe_file: int = 0
    #: When the run began whose output is kept (`output.ring`); 0: none is.
    log_at: float = 0.0

    @property
    def run(self) -> Run:
        return (self.job_id, self.pid, self.born, self.at)

    def text(self) -> str:
        plain = asdict(self)
        plain["letter"] = plain.pop("request_file")  # in Redis it has this name, for workers of an older version
        return json.dumps(plain, separators=(",", ":"))

    @classmethod
    def from_text(cls, value: bytes | str) -> Armed | None:
        """None for what is not ours."""
        try:
            plain = json.loads(value)
            return cls(
                str(plain["job_id"]),
                str(plain["host"]),
                int(plain["pid"]),
                int(plain["born"]),
                int(plain["signal"]),
                int(plain["fd"]),
                float(plain["at"]),
                int(plain["interrupt"]),
                int(plain["letter"]),
                int(plain["all_threads"]),
                tuple(map(int, plain["servants"])),
                int(plain["safe_point"]),
                int(plain["safe_file"]),
                float(plain.get("log_at", 0.0)),  # workers of an older version have none
            )
        except (ValueError, TypeError, KeyError):
            return None


@dataclass(frozen=True, slots=True)
class Frame:
    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Stack:
    """One Python thread, innermost frame first. The main one runs the job."""

    main: bool
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Native:
    """A function of C code, and the library that it is in."""

    function: str
    library: str


@dataclass(frozen=True, slots=True)
class Wait:
    """What a thread waits for, as far as the kernel says: one of `waits.KINDS`."""

    kind: str
    #: The other end of a socket, a file's name; "" when it is not known.
    what: str = ""
    #: Its own port of that socket; 0 when it is not known.
    port: int = 0


@dataclass(frozen=True, slots=True)
class Thread:
    tid: int
    #: R running, S sleeping, D in the kernel, T stopped, t traced, Z dead.
    state: str
    cpu_s: float
    #: How often it was put aside for others or for what it waits for: the same count, and it has not run since.
    switches: int = 0
    wait: Wait | None = None
    #: It serves the worker, not the job.
    serves: bool = False


@dataclass(frozen=True, slots=True)
class Process:
    state: str
    cpu_s: float
    rss_bytes: int
    peak_bytes: int
    #: The main thread first.
    threads: tuple[Thread, ...]
    #: How long its main thread was ready to run, and others had the processors. 0 where the kernel does not count.
    queued_s: float = 0.0
    #: Threads that it has beside those that were looked at.
    more_threads: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A process at one moment: seconds since the epoch by its host's clock."""

    at: float
    process: Process
    stacks: tuple[Stack, ...] = ()
    #: Why there are no stacks; "".
    problem: str = ""
    #: When its stacks were taken, where that was earlier than the rest of it.
    stacks_at: float | None = None

    @property
    def main(self) -> Stack | None:
        return next((stack for stack in self.stacks if stack.main), None)


@dataclass(frozen=True, slots=True)
class Seen:
    """Two samples of one process, and since when the main thread has stood where it stands."""

    before: Sample
    after: Sample
    since: float
    #: File systems with hardly any room, of those that it works on.
    full: tuple[str, ...] = ()
    #: It went while the kernel killed for want of memory on its host.
    out_of_memory: bool = False
    #: What its main thread is in above its Python code, innermost first, where the host can tell.
    native: tuple[Native, ...] = ()

    def plain(self) -> dict[str, Any]:
        said = asdict(self)
        said["full"] = [pack(each) for each in self.full]
        for name, sample in (("before", self.before), ("after", self.after)):
            said[name]["problem"] = pack(sample.problem)
        return said

    @classmethod
    def from_plain(cls, plain: Any) -> Seen | None:
        """None for what is not ours."""
        try:
            return cls(
                _sample(plain["before"]),
                _sample(plain["after"]),
                float(plain["since"]),
                tuple(map(unpack, plain["full"])),
                bool(plain["out_of_memory"]),
                tuple(Native(str(each["function"]), str(each["library"])) for each in plain["native"]),
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the main thread of a process was for some seconds."""

    #: Seconds that it was seen in each stack, innermost frame first.
    stacks: tuple[tuple[float, tuple[Frame, ...]], ...]
    samples: int
    for_s: float
    #: Of these nobody knows its stack.
    missed_s: float
    cpu_s: float

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Any) -> Profile | None:
        """None for what is not ours."""
        try:
            return cls(
                tuple((float(seconds), _frames(frames)) for seconds, frames in plain["stacks"]),
                int(plain["samples"]),
                float(plain["for_s"]),
                float(plain["missed_s"]),
                float(plain["cpu_s"]),
            )
        except (ValueError, TypeError, KeyError):
            return None


def _frames(plain: Any) -> tuple[Frame, ...]:
    return tuple(Frame(str(each["file"]), int(each["line"]), str(each["function"])) for each in plain)


def _sample(plain: Any) -> Sample:
    process = plain["process"]
    return Sample(
        at=float(plain["at"]),
        process=Process(
            state=str(process["state"]),
            cpu_s=float(process["cpu_s"]),
            rss_bytes=int(process["rss_bytes"]),
            peak_bytes=int(process["peak_bytes"]),
            threads=tuple(_thread(each) for each in process["threads"]),
            queued_s=float(process["queued_s"]),
            more_threads=int(process["more_threads"]),
        ),
        stacks=tuple(Stack(bool(each["main"]), _frames(each["frames"])) for each in plain["stacks"]),
        problem=unpack(plain["problem"]),
        stacks_at=None if plain["stacks_at"] is None else float(plain["stacks_at"]),
    )


def _thread(plain: Any) -> Thread:
    wait = plain["wait"]
    return Thread(
        int(plain["tid"]),
        str(plain["state"]),
        float(plain["cpu_s"]),
        int(plain["switches"]),
        Wait(str(wait["kind"]), str(wait["what"]), int(wait["port"])) if wait else None,
        bool(plain["serves"]),
    )
