"""Real Frappe workers for the tests on a site, started in a moment.

`bench worker` imports Frappe anew, for seconds each time, and the tests start more than a hundred. So one process
imports it once, and forks each worker before anything was connected: from there on it does what `bench worker --burst`
does.

As a program it reads the lanes of one worker from each line, and answers with the pid of its process.
"""

import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

from frappe.utils import get_bench_path


class BurstWorker:
    """A worker that ends when its lanes are empty; with a process group of its own."""

    def __init__(self, queue: str) -> None:
        template = _template()
        template.stdin.write(f"{queue}\n")
        template.stdin.flush()
        self.pid = int(template.stdout.readline())

    def poll(self) -> bool:
        """Whether it has ended; the process that forked it waits for it."""
        return not Path(f"/proc/{self.pid}").exists()

    def wait(self, seconds: float = 300.0) -> None:
        """Until it has ended. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while not self.poll():
            if time.monotonic() > deadline:
                raise TimeoutError(f"The worker {self.pid} did not end within {seconds:g} s.")
            time.sleep(0.02)

    def kill(self) -> None:
        """And the jobs it is at."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.wait()


@cache
def _template() -> subprocess.Popen[str]:
    """It ends with the process that asks: its input is over then."""
    return subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=Path(get_bench_path()) / "sites",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def main() -> None:

    import job_console.engine.operate.rq_settings  # what `commands.py` loads in `bench worker`
    import job_console.runtime.run.hooks  # noqa: F401  what each horse's hooks import

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel forgets those that ended
    for line in sys.stdin:
        if pid := os.fork():
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
        else:
            _work(line.strip())


def _work(queue: str) -> None:
    from frappe.utils.background_jobs import start_worker

    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        start_worker(queue, quiet=True, burst=True)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
