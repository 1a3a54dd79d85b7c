"""Whether a process of this bench holds Frappe's scheduler lock on this machine."""

from pathlib import Path

from frappe.utils import get_bench_path

from job_console.engine.watch import scheduler_process


def alive() -> bool | None:
    """None: it cannot be known here; the scheduler may be in another container, or on another host."""
    return scheduler_process.lives(Path(get_bench_path()))
