"""Takes actions on jobs, as the page does."""

from __future__ import annotations

from typing import Any

from job_console.engine.service import Console


def act(console: Console, action: str, *job_ids: str, **more: Any) -> list[dict[str, Any]]:
    return console.actions.run(action, job_ids, **more)["results"]
