"""Importing this is the proof that somebody imported what a payload named. No test imports it."""

import os
from pathlib import Path

if path := os.environ.get("JOB_CONSOLE_LANDMINE"):
    Path(path).write_text("imported\n")


def explode(*args: object) -> None:
    Path(os.environ["JOB_CONSOLE_LANDMINE"]).write_text("called\n")
