"""Many benches: the verb `fleet`, and `serve --config`."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import click

from job_console.engine import messages
from job_console.engine.errors import JobConsoleError

from . import reader, text
from .session import Exit, ending_well, fail, starter, wants_colour
from .severe import fail_on_option, reaching
from .terminal import say
from .verbs_read import as_json_option
from .verbs_serve import Hosting, listening, stopped_by_signal

if TYPE_CHECKING:
    from .fleet.config import Entry
    from .fleet.member import Member

#: Benches that are looked at side by side; each waits for its server most of the time.
AT_ONCE = 32
#: Python lets another thread go on after this: many look, and a viewer must not wait for all of them. Its own is 5 ms.
SWITCH_S = 0.001


@click.command()
@click.option("--config", required=True, metavar="FILE", help="The benches: a TOML file, see docs/fleet.md.")
@fail_on_option
@as_json_option
def fleet(config: str, fail_on: str | None, as_json: bool) -> None:
    """Many benches, a row each: how well it is, what is worst, how much waits, who works.

    Looks twice, some seconds apart, where something may be a race. A bench that cannot be reached is in its row, and
    counts as critical for --fail-on.
    """
    from .fleet.config import read

    with ending_well():
        entries = read(config)
    document = _looked_at(entries)
    if as_json:
        say(json.dumps(document, indent=2 if sys.stdout.isatty() else None))
    else:
        for line in text.fleet(messages.spoken(document, reader.of_terminal()), text.Paint(colour=wants_colour())):
            say(line)
    if all(bench["unreachable"] for bench in document["benches"]):
        fail("None of the benches can be reached.", Exit.NO_REDIS)
    if fail_on and document["verdict"] in reaching(fail_on):
        raise click.exceptions.Exit(int(Exit.WARNED))


def _looked_at(entries: Sequence[Entry]) -> dict[str, Any]:
    from .fleet.fleet import Fleet, row

    benches = Fleet(entries, starter(may_act=False), sweeps=False)
    with ThreadPoolExecutor(min(len(entries), AT_ONCE)) as pool:
        list(pool.map(_look, benches.members.values()))
    verdict = benches.verdict(dict.fromkeys(benches.members, "look"))
    rows = [row(member, "look") for member in benches.members.values()]
    benches.close()
    return {**verdict, "counts": verdict["benches"], "benches": rows}


def _look(member: Member) -> None:
    """Proven, as of `warnings`: whoever comes once has no second look."""
    with contextlib.suppress(JobConsoleError):  # the look that follows says it
        member.engine.watch.look_proven()
    member.look()


def serve_fleet(config: str, hosting: Hosting) -> None:
    """Serve the benches of this file until stopped."""
    from .fleet import rights
    from .fleet.config import read
    from .fleet.fleet import Fleet
    from .fleet.server import FleetApplication

    me = starter(may_act=not hosting.read_only)
    with ending_well():
        entries = read(config)
        names = [entry.name for entry in entries]
        people = rights.read(hosting.tokens, names, hosting.read_only) if hosting.tokens else ()
        guard = hosting.guard(tuple(each.person for each in people))
        benches = Fleet(entries, me, sweeps=not hosting.read_only)
        application = FleetApplication(benches, guard, people, me)
    sys.setswitchinterval(SWITCH_S)
    with stopped_by_signal() as stopped, listening(application, hosting) as server:
        benches.start()
        say(f"Job Console on {text.plural(len(entries), 'bench', 'benches')}: {server.url}   (Ctrl-C ends it)")
        hosting.show(server.url)
        stopped.wait()


VERBS = (fleet,)
