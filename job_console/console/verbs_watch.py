"""The verb that stays beside the workers: watch."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from job_console.engine.host.service_manager import ServiceManager
from job_console.engine.schedule.limits import SWEEP_EVERY_S

from . import text
from .session import Exit, Session, ending_well, fail, wants_colour
from .severe import end_if_severe, fail_on_option
from .terminal import say
from .text import Paint
from .verbs_read import session
from .verbs_serve import stopped_by_signal
from .watching import Event, Watcher

log = logging.getLogger("job_console")


@click.command()
@click.option(
    "--every", type=click.FloatRange(min=1), default=SWEEP_EVERY_S, show_default=True, help="Seconds between two looks."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document a line; with --once one in all.")
@click.option("--once", is_flag=True, help="Look once, twice where something needs proof, and end.")
@fail_on_option
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Serve /metrics on this port of 127.0.0.1.")
@session
def watch(
    here: Session, /, every: float, as_json: bool, once: bool, fail_on: str | None, metrics_port: int | None
) -> None:
    """Look at the bench every few seconds, do what is due, and tell warnings as they open and close.

    The process to put beside the workers: see docs/watch.md. It outlives a Redis that is away, and ends at SIGTERM.
    """
    if fail_on and not once:
        raise click.UsageError("--fail-on is for --once: the watcher goes on, whatever it finds.")
    if metrics_port is not None and once:
        raise click.UsageError("--metrics-port is for a watcher that stays: leave out --once.")
    with ending_well(here.address):
        if once:
            found = here.console.warnings.all(prove=True)
            here.engine.sweep()
            here.show(found, as_json, text.warnings)
            end_if_severe(found, fail_on)
            return
        watcher = Watcher(here.engine, here.viewer(may_act=False), every)
        manager = ServiceManager()
        manager.check(every)
    show = _as_json(here) if as_json else _for_people(here)
    if not as_json:
        bench = f", bench {here.address.of.id}" if here.address.of else ""
        say(f"Watching {here.address}{bench}, every {every:g} s. (Ctrl-C ends it)")
    from job_console.engine.host import presence

    with stopped_by_signal() as stopped, _scraped(here, metrics_port, as_json):
        presence.look_after(here.engine.redis, stopped)
        while True:
            try:
                for event in watcher.step():
                    show(event)
                manager.alive(watcher.status)
            except OSError:
                raise  # nobody reads what we print
            except Exception:  # one bad look must not be the last
                log.exception("A look failed")
            if stopped.wait(every):
                manager.ending()
                return


@contextmanager
def _scraped(here: Session, port: int | None, as_json: bool) -> Iterator[None]:
    """/metrics, and what else machines ask, for whoever is on this machine."""
    if port is None:
        yield
        return
    from job_console.engine.metrics import check

    from .auth import Guard
    from .machines import MachineApplication, Machines
    from .server import Server

    with ending_well(here.address):
        check()
    application = MachineApplication(Machines(here.engine, here.viewer(may_act=False), Guard()))
    try:
        server = Server(application, "127.0.0.1", port)
    except OSError as error:
        fail(f"Cannot listen on 127.0.0.1, port {port}: {error.strerror or error}.", Exit.WRONG_USAGE)
        return
    with server:
        say(f"Metrics on {server.url}metrics", err=as_json)  # not among the documents
        yield


def _as_json(here: Session) -> Callable[[Event], None]:
    return lambda event: say(json.dumps({**event, **here.address.names()}))


def _for_people(here: Session) -> Callable[[Event], None]:
    paint = Paint(colour=wants_colour())

    def show(event: Event) -> None:
        when = text.moment(event["at"]) if event["at"] else "now"
        say(f"{when}  {_line(event, here, paint)}")

    return show


def _line(event: Event, here: Session, paint: Paint) -> str:
    kind = event["event"]
    if kind == "unreachable":
        return paint(here.address.hide(event["message"]), "red")
    if kind == "reachable":
        return paint("Redis answers again.", "green")
    if kind in ("duty_failed", "duty_recovered"):
        return f"{paint(kind.replace('_', ' '), 'red' if kind == 'duty_failed' else 'green')}  " + text.clean(
            f"{event['duty']}: {event['message']}"
        )
    warning = event["warning"]
    colour = "green" if kind == "closed" else text.VERDICT.get(warning["severity"])
    return f"{paint(kind, colour)}  {paint(warning['code'], colour, bold=True)}  {text.clean(warning['message'])}"


VERBS = (watch,)
