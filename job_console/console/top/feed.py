"""Looks at the bench for `top`, in a thread of its own: keys are answered while Redis is not. And acts on it."""

from __future__ import annotations

import threading
from time import monotonic
from typing import Any

from job_console.engine import messages
from job_console.engine.errors import JobConsoleError

from .. import reader, text
from ..session import Session
from .state import Json, State

EVERY_S = 1.0
#: Jobs of a search.
FOUND = 100
_PLAIN = text.Paint(colour=False)


class Feed:
    """`take` gives what came last to the screen; the rest is `keys.Hands`."""

    def __init__(self, here: Session) -> None:
        self._here = here
        self._stopped = threading.Event()
        self._look: Json | None = None
        self._problem: str | None = None
        self._at = monotonic()
        #: The query that the screen shows, and what it found last.
        self._query = ""
        self._found: tuple[str, list[dict[str, Any]]] = ("", [])
        self._thread = threading.Thread(target=self._run, name="job-console-top", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._stopped.set()

    def take(self, state: State) -> None:
        state.snapshot, state.problem = self._look, self._problem
        state.age_s = monotonic() - self._at
        self._query, (query, jobs) = state.query, self._found
        if query and query == state.query:
            state.found = jobs

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._take()
            self._stopped.wait(EVERY_S)

    def _take(self) -> None:
        try:
            self._look = messages.spoken(self._here.console.snapshot(), reader.of_terminal())
            self._problem, self._at = None, monotonic()
            if query := self._query:
                self._found = (query, self._page(query))
        except JobConsoleError as error:
            self._problem = self._said(error)
        except Exception as error:  # the edge of a thread: one bad look must not be the last
            self._problem = f"The look failed: {type(error).__name__}."

    def search(self, query: str) -> tuple[list[dict[str, Any]] | None, str]:
        try:
            return self._page(query), ""
        except JobConsoleError as error:
            return None, self._said(error)

    def _page(self, query: str) -> list[dict[str, Any]]:
        return list(self._here.console.jobs.page(q=query, size=FOUND)["jobs"])

    def text_of(self, job_id: str) -> list[str]:
        try:
            jobs, speaks = self._here.console.jobs, reader.of_terminal()
            shown = [*text.job(messages.spoken(jobs.show(job_id), speaks), _PLAIN)]
            return [*shown, "", "why", *text.explanation(messages.spoken(jobs.explain(job_id), speaks), _PLAIN)]
        except JobConsoleError as error:
            return [self._said(error)]

    def act(self, action: str, job_id: str, reason: str) -> tuple[bool, str]:
        try:
            (result,) = self._here.console.actions.run(action, [job_id], reason=reason)["results"]
        except JobConsoleError as error:
            return False, self._said(error)
        self._take()
        if result["ok"]:
            return True, f"{action}: it was {result['state_before']}, and is {result['state_after']} now."
        return False, str(result["reason"])

    def _said(self, error: JobConsoleError) -> str:
        return self._here.address.hide(str(error))
