"""What a key does: those of the page, and `q`. What is done to a job is asked first, and said afterwards as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from .state import Json, Prompt, State

ACTIONS = {"r": "retry", "c": "cancel", "s": "stop"}
#: What is lost or done twice by it, said before.
_WORDS = {
    "retry": "it runs again from the start",
    "cancel": "it will not run",
    "stop": "its process is ended, the rest of its work is lost",
}
UP, DOWN, ENTER, ESCAPE, ERASE = "up", "down", "enter", "escape", "erase"
PAGE_UP, PAGE_DOWN = "page up", "page down"


class Hands(Protocol):
    """What is asked of the bench. Nothing raises: what went wrong is what is said."""

    def search(self, query: str) -> tuple[list[dict[str, Any]] | None, str]:
        """(the jobs, "") or (None, what is wrong)."""

    def text_of(self, job_id: str) -> list[str]:
        """One job and why it is where it is, in lines."""

    def act(self, action: str, job_id: str, reason: str) -> tuple[bool, str]:
        """(whether it was done, what came of it)."""


def press(state: State, key: str, hands: Hands) -> None:
    state.message = ""
    if state.prompt is not None:
        _answer(state, state.prompt, key, hands)
    elif key == "q":
        state.ended = True
    elif key == ESCAPE:
        _leave(state)
    elif state.view != "bench":
        _read(state, key, hands)
    else:
        _move(state, key, hands)


def _leave(state: State) -> None:
    if state.view != "bench":
        state.view = "bench"
    else:
        state.query, state.found = "", None


def _read(state: State, key: str, hands: Hands) -> None:
    """A job's text, or the help."""
    steps = {"j": 1, DOWN: 1, "k": -1, UP: -1, PAGE_DOWN: 20, PAGE_UP: -20}
    if key in steps:
        state.scroll = max(0, state.scroll + steps[key])
    elif key in ACTIONS and state.view == "job":
        _ask(state, ACTIONS[key])


def _move(state: State, key: str, hands: Hands) -> None:
    steps = {"j": 1, DOWN: 1, "k": -1, UP: -1, PAGE_DOWN: state.room, PAGE_UP: -state.room}
    if key in steps:
        state.step(steps[key])
    elif key == "/":
        state.prompt = Prompt("/", text=state.query)
    elif key == "?":
        state.view = "help"
    elif key == ENTER and (job := state.current()):
        state.view, state.scroll, state.lines = "job", 0, hands.text_of(job["id"])
    elif key == "u" and state.canceled:
        _done, state.message = hands.act("retry", state.canceled, "the cancel is undone")
        state.canceled = None
    elif key in ACTIONS:
        _ask(state, ACTIONS[key])


def _ask(state: State, action: str) -> None:
    job = state.current()
    if job is None:
        state.message = "Mark a job first: j and k."
    elif state.read_only:
        state.message = "You may look, but not act, here."
    elif action not in job["actions"]:
        state.message = f"To {action} is not possible in this state: {job['status']}."
    elif action == "retry" and job["repeat"] == "unsafe":
        state.prompt = Prompt("Not safe to repeat, says its policy. Why retry it all the same?", action, job)
    else:
        question = f"{action} {job['label']}: {_WORDS[action]}. y/n"
        state.prompt = Prompt(question[0].upper() + question[1:], action, job, typed=False)


def _answer(state: State, prompt: Prompt, key: str, hands: Hands) -> None:
    if key == ESCAPE:
        state.prompt = None
    elif not prompt.typed:
        state.prompt = None
        if key in ("y", "Y"):
            _act(state, prompt, hands)
    elif key == ENTER:
        state.prompt = None
        if prompt.action is None:
            search(state, prompt.text.strip(), hands)
        elif prompt.text.strip():
            _act(state, prompt, hands)
    elif key == ERASE:
        state.prompt = replace(prompt, text=prompt.text[:-1])
    elif len(key) == 1 and key.isprintable():
        state.prompt = replace(prompt, text=prompt.text + key)


def _act(state: State, prompt: Prompt, hands: Hands) -> None:
    if prompt.action is None or prompt.job is None:
        return
    done, state.message = hands.act(prompt.action, prompt.job["id"], prompt.text.strip())
    undoable = done and prompt.action == "cancel" and _waits(prompt.job)
    state.canceled = prompt.job["id"] if undoable else None
    if undoable:
        state.message += "  (u undoes it)"


def _waits(job: Json) -> bool:
    """Only what stood in a lane can go back there."""
    return bool(job["status"] == "queued")


def search(state: State, query: str, hands: Hands) -> None:
    """Show what it finds; what was wrong with it, else."""
    found, wrong = hands.search(query) if query else (None, "")
    if wrong:
        state.message = wrong
        return
    state.query, state.found = query, found
