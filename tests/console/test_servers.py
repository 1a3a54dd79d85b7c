"""Servers as benches have them: TLS with an authority of their own, one user of Redis for each bench, Unix sockets,
Sentinels. Every answer says which server and bench it is of."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py
from click.testing import CliRunner
from rq import Queue

from job_console.console.address import resolve
from job_console.console.auth import guard
from job_console.console.cli import cli
from job_console.console.server import Application, Server
from job_console.engine.errors import RedisUnavailable
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who
from job_console.engine.redis import keys
from job_console.engine.redis.link import connect
from job_console.engine.service import Engine, Viewer
from job_console.engine.stacks import serving
from job_console.engine.stacks.arming import host
from tests.support import debian
from tests.support.site import Site
from tests.support.waiting import wait_until

from ..jobs import WRAPPER, wrapped
from .conftest import Ran

BENCH = "mine"


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Path]:
    """bench(redis_queue=…): a bench's folder with this configuration."""

    def configure(**settings: Any) -> Path:
        (tmp_path / "bench" / "sites").mkdir(parents=True, exist_ok=True)
        file = tmp_path / "bench" / "sites" / "common_site_config.json"
        file.write_text(json.dumps({"bench_id": BENCH, **settings}))
        return tmp_path / "bench"

    return configure


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """As the command line in this folder, in this process: dozens of them are started here."""

    def run(*arguments: str, cwd: Path, url: str | None = None, **environment: str) -> Ran:
        monkeypatch.chdir(cwd)
        cleared = dict.fromkeys(("JOB_CONSOLE_REDIS", "FRAPPE_REDIS_QUEUE", "FRAPPE_BENCH_ROOT"))
        asked = ["--redis", url] if url else []
        done = CliRunner().invoke(cli, [*asked, *arguments], env={**cleared, **environment})
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return Ran(done.exit_code, done.stdout, done.stderr)

    return run


def put(client: redis_py.Redis, job_id: str, lane: str = f"{BENCH}:short") -> Any:
    queue = Queue(lane, connection=client)
    return queue.enqueue_call(WRAPPER, kwargs=wrapped("tests.jobs.say_hello"), job_id=job_id, timeout=60)


@contextlib.contextmanager
def page(folder: Path) -> Iterator[Site]:
    """The page of that bench, as `job-console serve` offers it."""
    address = resolve(None, {}, folder)
    with contextlib.closing(address.server.connect()) as client:
        engine = Engine(client)
        engine.names = address.names()
        application = Application(engine, Viewer("tester", may_act=True), guard("127.0.0.1", None))
        with Server(application, "127.0.0.1", 0) as running:
            yield Site(running.port, engine)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[redis_py.Redis], int]]:
    """reader(client): the process that a job starts on its host, with what it knows of the server. Answers its pid."""
    started: list[Any] = []
    monkeypatch.setattr(serving, "_started", started)

    def start(client: redis_py.Redis) -> int:
        serving.start(client, f"{BENCH}:")
        key = keys.stack_reader(host())
        wait_until(lambda: (client.get(key) or b"").split()[:1] == [str(started[0].pid).encode()], 60, "it has begun")
        return int(started[0].pid)

    yield start
    for child in started:
        child.kill()
        child.wait()


def look_and_act(run: Any, folder: Path, job_id: str, named: dict[str, Any]) -> None:
    """By each door: people, programs, the page."""
    here = {"url": None, "cwd": folder}
    assert run("jobs", "--json", **here).json["jobs"][0]["id"] == job_id
    for verb in (["snapshot", "--quick"], ["warnings"], ["explain", job_id], ["locks"], ["show", job_id]):
        document = run(*verb, "--json", **here).json
        assert {name: document[name] for name in named} == named, verb
        assert f"Redis {named['server']}, bench {BENCH}, from " in run(*verb, **here).err
    with page(folder) as site:
        for path in ("snapshot", "jobs", "warnings", f"show?job_id={job_id}"):
            document = site.get(f"/api/{path}").json
            assert {name: document[name] for name in named} == named, path
        acted = site.act("cancel", job_id).json
        assert acted["results"][0]["ok"]
        assert {name: acted[name] for name in named} == named
        missing = site.get("/api/show?job_id=nothing")
        assert missing.status == 404
        assert {name: missing.json[name] for name in named} == named
    done = run("retry", job_id, "--json", **here)
    assert (done.code, done.json["server"]) == (0, named["server"])


def test_tls_with_an_authority_of_its_own(run: Any, bench: Any, tmp_path: Path, reader: Any) -> None:
    with debian.tls_server(tmp_path / "server") as server:
        folder = bench(redis_queue=server.url)
        with contextlib.closing(connect(server.url)) as client:
            put(client, "a||one")
            look_and_act(run, folder, "a||one", {"server": f"127.0.0.1:{server.port}/0", "bench": BENCH})
            due(client, "a||due")
            reader(client)
            wait_until(lambda: moved(client, "a||due"), 60, "the process of the host reaches it too")
        unknown = run("snapshot", url=f"rediss://127.0.0.1:{server.port}", cwd=folder)
        assert unknown.code == 5
        assert "certificate verify failed" in unknown.err.lower().replace("_", " ")
        plain = run("snapshot", url=f"redis://127.0.0.1:{server.port}", cwd=folder)
        assert (plain.code, "Traceback" in plain.err) == (5, False)


def test_a_unix_socket(run: Any, bench: Any, tmp_path: Path, reader: Any) -> None:
    path = tmp_path / "r.sock"
    with debian.running(tmp_path / "server", ["port 0", f"unixsocket {path}", 'save ""'], unix_socket_path=str(path)):
        folder = bench(redis_queue=f"unix://{path}?db=1")
        with contextlib.closing(connect(f"unix://{path}?db=1")) as client:
            put(client, "a||one")
            look_and_act(run, folder, "a||one", {"server": f"{path}/1", "bench": BENCH})
            due(client, "a||due")
            reader(client)
            wait_until(lambda: moved(client, "a||due"), 60, "the process of the host reaches it too")
        away = run("snapshot", url=f"unix://{path}.none", cwd=folder)
        assert (away.code, f"{path}.none" in away.err) == (5, True)


#: What `bench create-rq-users` gives each bench.
OF_FRAPPE = ("~rq:[^q]*", "~rq:queues", f"~rq:queue:{BENCH}:*", "&*", "+@all", "-@admin")


@pytest.mark.parametrize("user", [BENCH, "queue-of-mine"])
def test_the_user_of_one_bench_among_several(run: Any, redis: Any, server: Any, bench: Any, user: str) -> None:
    """With a user name, and without one: then it is the bench's id."""
    redis.execute_command("ACL", "SETUSER", user, "reset", "on", ">p/w@rd", *OF_FRAPPE)
    try:
        named = {} if user == BENCH else {"rq_username": user}
        folder = bench(redis_queue=f"redis://127.0.0.1:{server.port}", use_rq_auth=1, rq_password="p/w@rd", **named)
        put(redis, "a||one")
        put(redis, "b||other", "other:short")
        place = f"{user}@127.0.0.1:{server.port}/0"
        look_and_act(run, folder, "a||one", {"server": place, "bench": BENCH})
        here = {"url": None, "cwd": folder}
        reported = run("snapshot", "--quick", "--json", **here).json
        assert [lane["name"] for lane in reported["queues"]] == [f"{BENCH}:short"]
        theirs = run("delete", "b||other", "--json", **here)
        assert theirs.code == 3
        assert redis.lrange("rq:queue:other:short", 0, -1) == [b"b||other"]
        redis.execute_command("ACL", "SETUSER", user, "resetpass", ">another")
        turned_away = run("snapshot", **here)
        assert (turned_away.code, "p/w@rd" in turned_away.err) == (5, False)
        assert "wants a password, or another one" in turned_away.err
    finally:
        redis.execute_command("ACL", "DELUSER", user)


def test_frappes_variable_and_the_redis_of_another_bench(run: Any, redis: Any, server: Any, bench: Any) -> None:
    put(redis, "a||one")
    folder, here = bench(redis_queue="redis://127.0.0.1:1"), f"127.0.0.1:{server.port}/0"
    by_variable = run("jobs", "--json", url=None, cwd=folder, FRAPPE_REDIS_QUEUE=server.url)
    assert (by_variable.json["server"], by_variable.json["bench"]) == (here, BENCH)
    asked = run("cancel", "a||one", url=server.url, cwd=folder)
    assert "This is not the Redis of the bench in this folder (mine), which is 127.0.0.1:1/0." in asked.err
    nothing = run("cancel", "a||nothing", url=server.url, cwd=folder)
    assert nothing.code == 4
    assert here in nothing.err, "also who is told that there is no such job hears where it was looked for"


def due(client: redis_py.Redis, job_id: str, in_s: float = -1.0) -> None:
    """A retry that the process of the host has to move; no other one does."""
    job, at = put(client, job_id), client.time()[0] + in_s
    client.lrem(keys.queue(f"{BENCH}:short"), 0, job_id)
    client.hset(job.key, "status", "scheduled")
    client.zadd(keys.registry("scheduled", f"{BENCH}:short"), {job_id: at})
    client.zadd(keys.RETRIES, {job_id: at})


def moved(client: redis_py.Redis, job_id: str) -> bool:
    return job_id.encode() in client.lrange(keys.queue(f"{BENCH}:short"), 0, -1)


def test_sentinels_and_the_end_of_a_primary(run: Any, bench: Any, tmp_path: Path, reader: Any) -> None:
    with debian.guarded(tmp_path) as servers:
        folder = bench(**servers.settings())
        client = resolve(None, {}, folder).server.connect()
        put(client, "a||one")
        nodes = ", ".join(servers.settings()["redis_queue_sentinels"])
        named = {"server": f"{debian.SERVICE} (Sentinel {nodes})", "bench": BENCH}
        look_and_act(run, folder, "a||one", named)
        first = reader(client)
        due(client, "a||later", in_s=4)
        options = LockOptions(ttl_s=60.0, wait_s=0.0)
        with page(folder) as site, Lock(client, "stock", options, Who(pid=os.getpid(), host="here")) as lock:
            assert client.wait(1, 30_000) == 1, "the replica has it all"
            servers.primary.send_signal(signal.SIGKILL)
            servers.primary.wait()
            document = wait_until(lambda: still(lambda: site.engine.console(Viewer("x")).jobs.show("a||one")), 120)
            assert document["id"] == "a||one"  # type: ignore[index]
            assert client.info("server")["tcp_port"] == servers.ports[1], "another server answers now"
            snapshot = site.get("/api/snapshot").json
            assert {name: snapshot[name] for name in named} == named
            assert run("show", "a||one", "--json", url=None, cwd=folder).json["id"] == "a||one"
            wait_until(lambda: moved(client, "a||later"), 120, "the host's process found the new primary")
            assert Path(f"/proc/{first}/stat").read_text().rpartition(")")[2].split()[0] != "Z", "it is the same one"
            lock.check()
            (listed,) = run("locks", "--json", url=None, cwd=folder).json["locks"]
            assert listed["key"] == "stock"
        assert run("locks", "--json", url=None, cwd=folder).json["locks"] == []
        client.close()


def still(ask: Callable[[], Any]) -> Any:
    """None while the Sentinels have not agreed on another primary: then it says so, and nothing else."""
    with contextlib.suppress(RedisUnavailable):
        return ask()
    return None
