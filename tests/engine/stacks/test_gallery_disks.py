"""Disks that are full, or that do not answer, below jobs on real workers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("eager_reader")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    do_or_skip("mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def frozen_disk(tmp_path: Path) -> Iterator[Path]:
    """Who writes on it waits, and can not be ended, until it thaws: after the test, before its worker is."""
    image, folder = tmp_path / "image", tmp_path / "frozen"
    folder.mkdir()
    image.write_bytes(b"")
    os.truncate(image, 16 << 20)
    do_or_skip("mkfs.ext4", "-q", str(image))
    do_or_skip("mount", "-o", "loop", str(image), str(folder))
    try:
        do_or_skip("fsfreeze", "--freeze", str(folder))
        yield folder
        subprocess.run(["fsfreeze", "--unfreeze", str(folder)], check=True)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def do_or_skip(*command: str) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip(f"{command[0]} is not installed here")
    if done.returncode:
        pytest.skip(f"this machine does not let us {command[0]}: {done.stderr.strip()}")


@pytest.mark.parametrize(
    ("name", "verdict", "waits_for"),
    [
        ("waits_for_room", "waiting", "sleep"),
        ("database_without_room", "waiting", "sleep"),
        ("demands_room", "spinning", None),
    ],
)
def test_full_disk(
    where: Callable[..., dict[str, Any]], small_disk: Path, name: str, verdict: str, waits_for: str | None
) -> None:
    """The system says so at once: a job fails of it, or tries again. Then the disk is named beside what it does."""
    answer = where(name, str(small_disk / "rows.db"), verdict=verdict, text="Hardly any room is left")
    assert answer["place"]["function"] == name
    assert answer["waits_for"] == waits_for
    assert answer["text"].endswith("Hardly any room is left on the disk of rows.db."), answer["text"]


def test_disk_that_does_not_answer(where: Callable[..., dict[str, Any]], frozen_disk: Path) -> None:
    """As when the storage below a file system has no room and makes who writes wait, or when a file server is gone."""
    answer = where("write_file", str(frozen_disk / "file"), verdict="blocked")
    assert answer["waits_for"] == "disk"
    assert "its disk does not answer" in answer["text"]
    assert answer["text"].endswith("not known: it is in the kernel, and does not take a signal.")
