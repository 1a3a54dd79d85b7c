"""What else locks: real lock files, held by real processes; documents; the scheduler; job ids."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from job_console.engine import otherlocks
from job_console.engine.errors import NoSuchLock
from job_console.engine.locks import limits as locks_limits
from job_console.engine.models.bench import Bench, Counts, Ghost
from job_console.engine.models.jobs import Job
from job_console.engine.models.warnings import Warning
from job_console.engine.otherlocks import BenchFolder, OtherLock
from job_console.engine.otherlocks.owners import flocks
from job_console.engine.scope import Scope
from job_console.engine.service import Engine, Viewer

from ..diagnosis.build import SITE, ago, bench, call, job, lane, running

OTHER = "b.localhost"
UUID = "0f3c5a1e-6b0e-4bb5-9d2e-0d7c1b6a9c11"
#: As `filelock` does it.
HOLD = "import fcntl, sys; f = open(sys.argv[-1], 'w'); fcntl.flock(f, 2); print('held', flush=True); input()"


def now() -> datetime:
    return datetime.now(timezone.utc)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bench of two sites."""
    (tmp_path / "config").mkdir()
    for site in (SITE, OTHER):
        (tmp_path / "sites" / site / "locks").mkdir(parents=True)
        (tmp_path / "sites" / site / "site_config.json").touch()
    return tmp_path


def file(folder: Path, name: str, site: str | None = SITE, age_s: float = 0.0) -> Path:
    path = (folder / "sites" / site / "locks" if site else folder / "config") / name
    path.touch()
    at = now().timestamp() - age_s
    os.utime(path, (at, at))
    return path


def signature(doctype: str, name: str) -> str:
    return hashlib.sha224(f"{doctype}:{name}".encode()).hexdigest() + ".lock"


def found(folder: Path, site: str | None = None, idle: bool = True, seen: Bench | None = None) -> dict[str, OtherLock]:
    locks, _more = otherlocks.find(seen or bench(), BenchFolder(folder), Scope(site), idle, now())
    return {lock.name: lock for lock in locks}


@pytest.fixture
def holder() -> Iterator[Callable[..., int]]:
    """holder(path): another process that holds it; its pid."""
    started: list[subprocess.Popen[str]] = []

    def hold(path: Path) -> int:
        words = [sys.executable, "-c", HOLD, "migrate", "--site", "secret.example", "--password", "hunter", str(path)]
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process.pid

    yield hold
    for process in started:
        process.kill()
        process.communicate()


def test_a_file_lock_names_the_process_that_holds_it(folder: Path, holder: Callable[..., int]) -> None:
    path = file(folder, "bench_migrate.lock", age_s=3600)
    pid = holder(path)
    os.utime(path, (1e9, 1e9))
    lock = found(folder, idle=False)["bench_migrate"]
    assert (lock.kind, lock.state, lock.site) == ("file", "held", SITE)
    assert lock.owner is not None
    assert lock.owner.pid == pid
    assert lock.since is not None
    assert abs((now() - lock.since).total_seconds()) < 60, "no longer than the process lives"
    assert "leave it alone" in lock.says
    assert "migrate" in (lock.owner.command or "")
    assert "secret.example" not in lock.says
    assert "hunter" not in lock.says


def test_a_file_that_was_left_over_stands_in_nobodys_way(folder: Path) -> None:
    file(folder, "install_app.lock")
    assert found(folder, idle=False) == {}
    lock = found(folder)["install_app"]
    assert (lock.state, lock.owner) == ("free", None)


def test_looking_takes_no_lock(folder: Path) -> None:
    path = file(folder, "install_app.lock")
    with path.open("w") as mine:
        found(folder)
        fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert found(folder)["install_app"].owner is not None


def test_where_the_system_does_not_tell_nothing_is_claimed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert flocks(folder / "no-proc") is None
    monkeypatch.setattr("job_console.engine.otherlocks.files.flocks", lambda: None)
    file(folder, "bench_migrate.lock")
    assert found(folder)["bench_migrate"].state == "unknown"


def test_the_scheduler(folder: Path, holder: Callable[..., int]) -> None:
    path = file(folder, "scheduler_process", None)
    assert "No scheduler" in found(folder)["scheduler_process"].says
    pid = holder(path)
    lock = found(folder, SITE)["scheduler_process"]
    assert (lock.kind, lock.state, lock.site) == ("scheduler", "held", None)
    assert f"Process {pid}" in lock.says


@pytest.mark.parametrize(
    ("minutes", "state", "words"),
    [(5, "unknown", "ends after 3 h"), (40, "unknown", "form offers to unlock"), (200, "free", "takes no notice")],
)
def test_a_document_that_no_job_is_known_for(folder: Path, minutes: float, state: str, words: str) -> None:
    file(folder, signature("Sales Invoice", "INV-1"), age_s=minutes * 60)
    (lock,) = found(folder).values()
    assert (lock.kind, lock.state, lock.document) == ("document", state, None)
    assert words in lock.says


def test_a_document_whose_job_is_known(folder: Path) -> None:
    file(folder, signature("Sales Invoice", "INV-1"), age_s=4000)
    document = {"document": ("Sales Invoice", "INV-1")}
    waits, works = job(UUID, call=call(**document)), running(UUID, call=call(**document))
    theirs = job(UUID, call=call(site=OTHER, **document))
    for known, words in ((waits, "when the job begins"), (works, "works on this document"), (theirs, "cannot be told")):
        (lock,) = found(folder, SITE, seen=bench(lane(head=(known,)))).values()
        assert words in lock.says
        assert "unlock it" not in lock.says or known is theirs
        assert (lock.document is None) == (known is theirs)


def test_a_site_sees_its_own_files_and_the_benchs(folder: Path) -> None:
    file(folder, "ours.lock")
    file(folder, "theirs.lock", OTHER)
    file(folder, "bench_build.lock", None)
    file(folder, "notes.txt", None)
    assert found(folder, SITE).keys() == {"ours", "bench_build"}
    assert found(folder).keys() == {"ours", "theirs", "bench_build"}


def test_no_bench_no_files() -> None:
    assert otherlocks.find(bench(), None, Scope(), True, now()) == ([], False)
    assert found(Path("/nowhere")) == {}


@pytest.mark.parametrize("made_up", [UUID, f"{SITE}||{UUID}", f"{SITE}::{UUID}", UUID.replace("-", "")])
def test_ids_that_nobody_chose_keep_nobody_out(made_up: str, folder: Path) -> None:
    assert found(folder, seen=bench(lane(head=(job(made_up),)))) == {}


def test_chosen_ids_keep_others_out(folder: Path) -> None:
    def chosen(name: str, status: str, site: str = SITE, **more: Any) -> Job:
        return job(f"{site}||{name}", status, call=call(site=site), **more)

    waits, runs, theirs = chosen("a", "queued"), chosen("b", "started", started_at=ago(9)), chosen("c", "queued", OTHER)
    ghost, dead = chosen("d", "started"), chosen("e", "started")
    lost = {dead.id: Warning("worker_lost", "critical", "It lost its worker.", job_id=dead.id)}
    seen = bench(lane(head=(waits, theirs), running=(runs, dead)), ghosts=(Ghost(ghost, "started"),), lost=lost)
    locks = found(folder, SITE, seen=seen)
    assert locks.keys() == {waits.id, runs.id, ghost.id, dead.id}
    assert {lock.kind for lock in locks.values()} == {"job id"}
    assert locks[runs.id].since == ago(9)
    assert "A ghost" in locks[ghost.id].says
    assert "nothing runs it" in locks[dead.id].says
    assert [each.state for each in locks.values()] == ["orphaned", "orphaned", "held", "held"]
    assert found(folder, seen=seen).keys() == {*locks, theirs.id}


def test_the_console_shows_them_with_ours(redis: Any, folder: Path) -> None:
    engine = Engine(redis)
    engine.folder = BenchFolder(folder)
    file(folder, "ours.lock")
    file(folder, "theirs.lock", OTHER)
    ours = engine.console(Viewer("manager", site=SITE))
    assert ours.locks.all()["others"] == []
    (reported,) = ours.locks.all(idle=True)["others"]
    assert (reported["key"], reported["kind"], reported["state"]) == (f"file:{SITE}:ours", "file", "free")
    assert ours.locks.show(reported["key"])["says"] == reported["says"]
    with pytest.raises(NoSuchLock):
        ours.locks.show(f"file:{OTHER}:theirs")
    with pytest.raises(NoSuchLock):
        engine.console(Viewer("manager", site=SITE, may_act=True)).locks.release(reported["key"], "away with it")


def test_what_is_left_out_is_not_left_unsaid(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def more(seen: Bench) -> bool:
        return otherlocks.find(seen, BenchFolder(folder), Scope(), True, now())[1]

    assert not more(bench())
    assert more(bench(lane(counts=Counts(queued=9)))), "job ids behind the first of a lane"
    monkeypatch.setattr(locks_limits, "LOCK_ROWS", 1)
    file(folder, "one.lock")
    assert not more(bench())
    file(folder, "two.lock")
    assert more(bench())
