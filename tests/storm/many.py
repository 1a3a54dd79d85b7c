"""Storms side by side: each a process with servers, benches and workers of its own. What they found is added up.

A fault mostly waits, for what is said and for the end of it, so several storms fit on one processor.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from .results import Ended, Result
from .storm import Storm

ROOT = Path(__file__).resolve().parents[2]
#: A storm whose deployment broke goes on with another one, so often.
DEPLOYMENTS = 5


@dataclass
class Found:
    """By all storms."""

    results: list[Result] = field(default_factory=list)
    ended: Ended = field(default_factory=Ended)
    #: What went wrong with a storm itself.
    broken: list[str] = field(default_factory=list)
    took_s: float = 0.0
    #: Seconds of a processor, also of what the storms have started.
    processor_s: float = 0.0


@dataclass(frozen=True)
class Share:
    """What one of the storms does. `until`: by `time.time()`, begins no fault after that."""

    seed: int
    numbers: Sequence[int]
    kinds: str = ""
    healthy_s: float = 0.0
    until: float | None = None


def side_by_side(
    folder: Path, seed: int, faults: int, storms: int = 1, healthy_s: float = 0.0, most_s: float | None = None
) -> Found:
    """`healthy_s`: for so long one more makes no fault. `most_s`: no fault begins later than that."""
    began, before = time.time(), _processor_s()
    until = began + most_s if most_s else None
    shares = [Share(seed, range(first, faults + 1, storms), until=until) for first in range(1, storms + 1)]
    if healthy_s:
        shares.append(Share(seed, (), healthy_s=healthy_s))
    started = [_start(folder / f"storm-{number}", share) for number, share in enumerate(shares)]
    codes = [process.wait() for process in started]
    found = added(folder)
    found.broken += [f"storm-{number} ended with {code}" for number, code in enumerate(codes) if code]
    found.took_s, found.processor_s = time.time() - began, _processor_s() - before
    return found


def _start(folder: Path, share: Share) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True)
    (folder / "share.json").write_text(json.dumps({**asdict(share), "numbers": list(share.numbers)}))
    # Tied to this process: a storm leaves nothing behind.
    command = [sys.executable, "-m", "job_console.console.die_with_parent", sys.executable, "-m", __name__, str(folder)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _processor_s() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def added(folder: Path) -> Found:
    """What the storms that work, or worked, in this folder have written down until now."""
    found = Found()
    for line in _lines(folder):
        if "result" in line:
            found.results.append(Result.of_json(line["result"]))
        elif "ended" in line:
            found.ended.add(Ended(**line["ended"]))
        else:
            found.broken.append(line["broken"])
    return found


def _lines(folder: Path) -> Iterator[dict]:  # type: ignore[type-arg]
    for file in sorted(folder.glob("storm-*/found.jsonl")):
        yield from (json.loads(line) for line in file.read_text().splitlines())


def work(folder: Path, share: Share) -> None:
    """One of them, in its process."""
    todo = list(share.numbers)
    healthy_s = share.healthy_s
    with (folder / "found.jsonl").open("a", buffering=1) as file:
        for deployed in range(DEPLOYMENTS):
            (deployment := folder / f"deployment-{deployed}").mkdir()
            storm = Storm(deployment, share.seed, share.kinds)
            try:
                for result in storm.run(_in_time(todo, share.until), healthy_s):
                    file.write(json.dumps({"result": result.as_json()}) + "\n")
                    healthy_s = 0.0
                return
            except Exception as error:  # whatever broke: said, and the rest is done on another deployment
                file.write(json.dumps({"broken": f"{folder.name}: {type(error).__name__}: {error}"}) + "\n")
            finally:
                file.write(json.dumps({"ended": asdict(storm.ended)}) + "\n")


def _in_time(todo: list[int], until: float | None) -> Iterator[int]:
    while todo and (until is None or time.time() < until):
        yield todo.pop(0)


if __name__ == "__main__":
    own = Path(sys.argv[1])
    work(own, Share(**json.loads((own / "share.json").read_text())))
