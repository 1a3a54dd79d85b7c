"""Verbs that stay: serve, demo. What they alone need is loaded when they run: other verbs are called by the second."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from job_console.engine.errors import JobConsoleError
from job_console.engine.redis.server import Server as Redis

from . import people
from .address import Address
from .session import Exit, Session, ending_well, fail
from .terminal import say
from .verbs_read import session
from .watching import keep_sweeping

if TYPE_CHECKING:
    from .auth import Guard
    from .people import Person
    from .server import Server, Serving

PORT = 8085
#: How often a running demo looks after its workers.
TEND_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Hosting:
    """Where and to whom the page is served."""

    host: str
    port: int
    token: str | None
    #: A file of people and their tokens.
    tokens: str | None
    #: Wanted for the verdict and the metrics alone.
    metrics_token: str | None
    behind_proxy: bool
    read_only: bool
    open_page: bool

    def guard(self, known: tuple[Person, ...] | None = None) -> Guard:
        """`known`: the people, where `tokens` does not say it all. Raises BadRequest."""
        from .auth import guard

        if known is None:
            known = people.read(self.tokens, self.read_only) if self.tokens else ()
        return guard(self.host, self.token, known, self.behind_proxy, self.metrics_token)

    def show(self, url: str) -> None:
        """In a browser, where that is asked for."""
        if self.open_page:
            import webbrowser

            webbrowser.open(url + (f"?token={quote(self.token)}" if self.token else ""))


def _hosting(port: int) -> Callable[[Any], Any]:
    shown = str(port) if port else "any free one"
    options = (
        click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
        click.option("--port", type=click.IntRange(0, 65535), default=port, help=f"Port.  [default: {shown}]"),
        click.option("--token", envvar="JOB_CONSOLE_TOKEN", help="Wanted of every request; or $JOB_CONSOLE_TOKEN."),
        click.option("--tokens", metavar="FILE", help="People, each with a token and rights: an INI file."),
        click.option(
            "--metrics-token",
            envvar="JOB_CONSOLE_METRICS_TOKEN",
            help="Is enough for /status and /metrics; or $JOB_CONSOLE_METRICS_TOKEN.",
        ),
        click.option("--behind-proxy", is_flag=True, help="Believe the X-Forwarded headers of one proxy."),
        click.option("--read-only", is_flag=True, help="Look, but do not act."),
        click.option("--open", "open_page", is_flag=True, help="Open the page in a browser."),
    )

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.command()
@_hosting(PORT)
@click.option("--config", metavar="FILE", help="Many benches, which this TOML file names: see docs/fleet.md.")
@session
def serve(here: Session, /, config: str | None, **options: Any) -> None:
    """The page over HTTP, for one person who watches a whole bench, also when its sites are down; or many benches.

    Listens on 127.0.0.1, where everybody with a login on this machine can use it: --token narrows that. Any other
    --host needs a token, or --tokens. See docs/serve.md.
    """
    if config is not None:
        from .verbs_fleet import serve_fleet

        if here.address.source == "--redis":
            raise click.UsageError("--config names the benches, so --redis has nothing to say.")
        serve_fleet(config, Hosting(**options))
        return
    with ending_well(here.address):
        here.engine  # noqa: B018  a URL that is none ends it here
    try:
        here.engine.watch.look()
    except JobConsoleError as error:
        say(f"job-console: {error} The page starts all the same, and recovers by itself.", err=True)
    with stopped_by_signal() as stopped:
        listen(here, Hosting(**options), stopped)


@click.command()
@_hosting(0)
def demo(**options: Any) -> None:
    """Try it: an embedded server, real workers, a lively workload with faults in it, and the page on it.

    Touches no Redis of yours. Ctrl-C ends it and leaves nothing behind.
    """
    from .demo import running_demo
    from .embedded import NoServer

    hosting = Hosting(**options)
    with ending_well():
        hosting.guard()  # say so before everything is started
    try:
        with stopped_by_signal() as stopped, running_demo() as bench:
            listen(Session(Address(Redis(bench.url), "demo")), hosting, stopped, bench.tend)
    except NoServer as error:
        fail(str(error), Exit.NO_REDIS)


def listen(here: Session, hosting: Hosting, stopped: threading.Event, tend: Callable[[], None] = lambda: None) -> None:
    """Serve one bench until stopped."""
    from .server import Application

    with ending_well(here.address):
        application = Application(here.engine, here.viewer(may_act=not hosting.read_only), hosting.guard())
    with listening(application, hosting) as server:
        if warning := here.address.warning():
            say(f"job-console: {warning}", err=True)
        bench = f", bench {here.address.of.id}" if here.address.of else ""
        say(f"Job Console on {here.address}{bench}: {server.url}   (Ctrl-C ends it)")
        hosting.show(server.url)
        if not hosting.read_only:  # a sweep may do something about what it sees
            from job_console.engine.host import presence

            keep_sweeping(here.engine, stopped)
            presence.look_after(here.engine.redis, stopped)
        while not stopped.wait(TEND_EVERY_S):
            tend()


@contextmanager
def listening(application: Serving, hosting: Hosting) -> Iterator[Server]:
    """The application on its port; ends well where that cannot be had."""
    from .server import Server

    try:
        server = Server(application, hosting.host, hosting.port, hosting.behind_proxy)
    except OSError as error:
        application.close()
        fail(f"Cannot listen on {hosting.host}, port {hosting.port}: {error.strerror or error}.", Exit.WRONG_USAGE)
        raise
    with server:
        yield server


@contextmanager
def stopped_by_signal() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and a closed terminal set."""
    stopped = threading.Event()
    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {kind: signal.signal(kind, lambda *_: stopped.set()) for kind in kinds}
    try:
        yield stopped
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


VERBS = (serve, demo)
