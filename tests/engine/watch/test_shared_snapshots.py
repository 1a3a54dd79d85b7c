"""One look serves the viewers of all processes of a web server; what cannot be shared is looked at all the same."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from job_console.engine.messages import Reader, spoken
from job_console.engine.redis.link import connect
from job_console.engine.rq.records import moment
from job_console.engine.service import Engine, Viewer, parse_time
from job_console.engine.watch import limits
from job_console.engine.watch.shared_snapshots import SharedSnapshots

SITE = "a.localhost"
Json = dict[str, Any]


class Process:
    """One of a web server's: it has its own look, and knows of others' by Redis alone."""

    def __init__(self, redis: Any, site: str = SITE) -> None:
        self.engine = Engine(redis, "bench:")
        self.looks = 0
        self._shared = SharedSnapshots(redis, "bench:", site)

    def ask(self, since: str | None = None) -> Json:
        def take() -> Json:
            self.looks += 1
            return self.engine.console(Viewer("tester", SITE)).snapshot(since)

        return self._shared.get(parse_time(since), take)


@pytest.fixture
def processes(redis: Any) -> list[Process]:
    return [Process(redis) for _ in range(4)]


def looks(processes: list[Process]) -> int:
    return sum(process.looks for process in processes)


def now_of(redis: Any) -> str:
    return Engine(redis).fingerprints().read().at.isoformat()


def test_one_look_serves_all(redis: Any, processes: list[Process]) -> None:
    snapshots = [process.ask() for process in processes]
    assert looks(processes) == 1
    assert all(snapshot == snapshots[0] for snapshot in snapshots)


def test_each_viewer_reads_it_in_their_own_words(redis: Any, processes: list[Process]) -> None:
    backwards = Reader(lambda text: text[::-1], lambda number, spec: format(number, spec), str)
    taken, shared = (process.ask() for process in processes[:2])
    assert looks(processes) == 1
    assert spoken(shared, backwards) == spoken(taken, backwards) != taken


def test_who_is_told_of_a_change_sees_it_and_one_looks(redis: Any, processes: list[Process]) -> None:
    old = processes[0].ask()
    since = now_of(redis)
    begin, came = threading.Barrier(len(processes)), []

    def ask(process: Process) -> None:
        begin.wait()
        came.append(process.ask(since))

    threads = [threading.Thread(target=ask, args=(process,)) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert looks(processes) == 2
    assert {snapshot["at"] for snapshot in came} == {came[0]["at"]}
    assert moment(came[0]["at"]) >= moment(since) > moment(old["at"])


def test_an_old_one_serves_nobody(redis: Any, processes: list[Process], monkeypatch: pytest.MonkeyPatch) -> None:
    processes[0].ask()
    monkeypatch.setattr(limits, "SNAPSHOT_TTL_S", 0.0)
    processes[1].ask()
    assert looks(processes) == 2


def test_after_an_action_nobody_sees_what_was_before(redis: Any, processes: list[Process]) -> None:
    one, other = processes[:2]
    one.ask()
    other.engine.watch.forget()
    one.ask()
    other.ask()
    assert looks([one]) + looks([other]) == 2


def test_sites_do_not_see_each_others(redis: Any) -> None:
    mine, theirs = Process(redis), Process(redis, "b.localhost")
    mine.ask()
    theirs.ask()
    assert (mine.looks, theirs.looks) == (1, 1)


def test_where_nothing_can_be_left_each_looks_for_itself(redis: Any, server: Any) -> None:
    redis.execute_command("ACL", "SETUSER", "bench", "reset", "on", ">secret", "~*", "&*", "+@all", "-@write", "+eval")
    client = connect(f"redis://bench:secret@127.0.0.1:{server.port}")
    try:
        pair = [Process(client), Process(client)]
        assert all(process.ask()["at"] for process in pair)
        assert looks(pair) == 2
    finally:
        client.close()
        redis.execute_command("ACL", "DELUSER", "bench")


def test_who_looks_and_dies_keeps_nobody_waiting_for_ever(redis: Any, processes: list[Process]) -> None:
    shared = SharedSnapshots(redis, "bench:", SITE)
    assert shared._is_my_turn()
    assert processes[0].ask()["at"]
    assert looks(processes) == 1


def test_it_leaves_nothing_behind(redis: Any, processes: list[Process]) -> None:
    processes[0].ask()
    left = {name: redis.pttl(name) for name in redis.scan_iter("rq:job_console:snapshots*")}
    assert left
    assert all(0 < ttl <= 20_000 for ttl in left.values())
