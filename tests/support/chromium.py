"""Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import Browser, Playwright

#: Headless, as root too, and asking nothing of the network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium on this machine")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
