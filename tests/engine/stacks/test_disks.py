"""Which disks are full, and that one that does not answer keeps nobody for long."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest

from job_console.engine.stacks import disks
from tests.support.waiting import wait_until

FREE = {"f_flag": 0, "f_frsize": 4096, "f_blocks": 9999, "f_bavail": 999, "f_files": 9, "f_favail": 9}


@pytest.mark.parametrize(
    ("facts", "is_full"),
    [
        ({}, False),
        ({"f_bavail": 0}, True),
        ({"f_bavail": 9}, True),
        ({"f_favail": 0}, True),  # many small files
        ({"f_bavail": 0, "f_flag": os.ST_RDONLY}, False),  # an image
        ({"f_bavail": 0, "f_blocks": 0}, False),  # what is no disk
        ({"f_favail": 0, "f_files": 0}, False),  # where inodes are made as they are needed
    ],
)
def test_full_and_not(monkeypatch: pytest.MonkeyPatch, facts: dict[str, int], is_full: bool) -> None:
    monkeypatch.setattr(disks, "WAIT_S", 20.0)
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(**FREE | facts))
    assert disks._is_full(Path("/")) is is_full
    assert disks.full(os.getpid())[:1] == (("the disk of its folder",) if is_full else ())


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    answers = Event()
    monkeypatch.setattr(os, "statvfs", lambda _path: answers.wait(60) and SimpleNamespace(**FREE | {"f_bavail": 0}))
    yield answers
    answers.set()


def test_one_that_does_not_answer_is_waited_for_once(silent: Event) -> None:
    begun = time.monotonic()
    assert disks.full(os.getpid()) == ()
    waited = time.monotonic() - begun
    assert waited >= disks.WAIT_S
    assert [disks.full(os.getpid()) for _ in range(100)] == [()] * 100
    assert time.monotonic() - begun < waited + disks.WAIT_S, "nobody waits for it again"
    silent.set()
    wait_until(lambda: "the disk of its folder" in disks.full(os.getpid()), message="it is looked at again")
