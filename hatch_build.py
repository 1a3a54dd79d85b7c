"""A wheel or source distribution has the built page, or is none: `job-console serve` would have nothing to show.

The page is built by Node.js and git does not keep it. A source distribution has it, so nothing that is made of one
needs Node.js. An editable installation, as bench makes it, needs none: `bench build` makes the page there.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("job_console", "console", "static", "index.html")
_SENTENCE = """The page of Job Console is not built, and this needs Node.js 18 or newer with npm, which are not here.

Install them, or build in a checkout on a machine that has them (cd ui && npm ci && npm run build, then
python -m build) and install the wheel that this makes: it needs no Node.js."""


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version == "editable" or (root / PAGE).is_file():
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(_SENTENCE)
        for step in (["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "--silent", "build"]):
            subprocess.run([npm, *step], cwd=root / "ui", check=True)  # noqa: S603  our own package's steps
