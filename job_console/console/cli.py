"""The command line `job-console`. Verbs live in `verbs_*.py`.

Exit codes: 0 done; 1 lint found something; 2 wrong usage; 3 refused, because the job's state does not allow it;
4 no such job; 5 Redis cannot be reached; 6 a warning is as severe as --fail-on says. For several jobs at once, one that
does not exist (4) outweighs one that refused (3); those that could be done are done.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click

from job_console import __version__

from . import completing, terminal

#: Reads code and no Redis: it is asked for first, and nothing that talks to Redis is loaded for it.
_LINT = "lint"
#: Bring their own Redis, or name many.
_OWN_REDIS = ("demo", "fleet")
#: Besides those of `verbs_read`; the order is that of the help.
_OTHER_VERBS = (
    "log",
    "act",
    "bulk",
    "failures",
    "history",
    "operate",
    "warnings",
    "locks",
    "schedule",
    "serve",
    "views",
    "watch",
    "fleet",
    "top",
    "mcp",
)


class Verbs(click.Group):
    """Those that look are loaded first, and nothing is loaded for others until one of them is asked for."""

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return self._of("lint" if name == _LINT else "read").get(name) or self.all().get(name)

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(self.all())

    def all(self) -> Mapping[str, click.Command]:
        for name in ("read", *_OTHER_VERBS, "lint"):
            self._of(name)
        return self.commands

    def _of(self, name: str) -> Mapping[str, click.Command]:
        for verb in import_module(f"{__package__}.verbs_{name}").VERBS:
            completing.offer_values(verb)
            self.add_command(verb)
        return self.commands


@click.group(
    cls=Verbs,
    name="job-console",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help="""See, explain and mend the background jobs of a Frappe bench.

    Which Redis: --redis, else $JOB_CONSOLE_REDIS, else redis_queue of the bench that the current folder is in, else
    redis://127.0.0.1:6379. Prefer the variable for a URL with a password: others can read your command line.

    Exit codes: 0 done, 1 lint found something, 2 wrong usage, 3 refused by the job's state, 4 no such job, 5 Redis
    cannot be reached, 6 a warning is as severe as --fail-on says.
    """,
)
@click.option("--redis", "url", metavar="URL", help="Redis that holds the queues, e.g. redis://127.0.0.1:11000.")
@click.version_option(__version__, prog_name="job-console")
@click.pass_context
def cli(context: click.Context, url: str | None) -> None:
    terminal.prepare()
    if context.invoked_subcommand == _LINT:
        return
    if sentence := unfit_rq():
        terminal.say(f"job-console: {sentence}", err=True)
    if context.invoked_subcommand in _OWN_REDIS or context.resilient_parsing:
        return
    from .address import resolve
    from .session import Session, ending_well

    with ending_well():
        context.obj = Session(resolve(url, os.environ, Path.cwd()))


def unfit_rq() -> str | None:
    """What to say of an rq that is too new, where `pip install job_console` alone has brought the newest."""
    installed = version("rq")
    if tuple(int(part) for part in re.findall(r"\d+", installed)[:2]) < (2, 8):
        return None
    return (
        f"rq {installed} is installed here. From 2.8 on rq refuses job ids such as Frappe's (SITE||ID), and some of "
        "what you do may fail by that: pip install 'rq<2.8'."
    )


def main() -> None:
    cli(args=[terminal.typed(argument) for argument in sys.argv[1:]], prog_name="job-console")


if __name__ == "__main__":
    main()
