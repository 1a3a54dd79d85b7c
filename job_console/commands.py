"""`bench job-console VERB …`: the operator console's command line, from within a bench; and the bench's watcher.

Bench loads this module with every one of its commands: so policies for whatever it enqueues come in here. Also in a
worker before it forks; so what our hooks need is loaded here, once, and not again by each job; and a worker learns here
to leave alone what somebody paused.
"""

import sys
from importlib import import_module

import click

from job_console.console.cli import cli
from job_console.engine.errors import BadRequest
from job_console.runtime.enqueue import at_start


@click.command("job-console-watch")
@click.option("--every", default=5.0, show_default=True, type=click.FloatRange(1, 60), help="Seconds between sweeps.")
@click.option("--once", is_flag=True, help="Sweep twice, so that faults are proven, and end.")
def watch(every: float, once: bool) -> None:
    """Write down the incidents of all sites and tell people, whatever the workers do. Run it beside them."""
    from job_console.bridge.sweep.watcher import Watcher

    try:
        watcher = Watcher(every)
    except BadRequest as error:
        raise click.UsageError(str(error)) from error
    watcher.run(once)


commands = [cli, watch]

at_start.install()

if {"worker", "worker-pool"} & set(sys.argv[1:]):
    import_module("job_console.runtime.run.hooks")
    import_module("job_console.runtime.locks.lock")
    import_module("job_console.engine.operate.rq_settings")  # its workers leave alone what is paused
    import_module("job_console.runtime.traces").preload()
