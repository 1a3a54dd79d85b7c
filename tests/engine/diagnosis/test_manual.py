"""What a warning means can be read where it is shown: docs/warnings, in parts."""

from __future__ import annotations

import pytest

from job_console.engine.diagnosis import manual
from job_console.engine.errors import BadRequest
from job_console.engine.service import Console

from .test_docs import PAGES


def test_every_page_is_there_in_its_parts() -> None:
    for path in PAGES.glob("[a-z]*.md"):
        page = manual.page(path.stem)
        assert page is not None
        assert all(page[part] for part in ("title", "true", "known", "do")), path


def test_links_to_other_pages_are_left_as_words() -> None:
    page = manual.page("crash_loop")
    assert page is not None
    assert "](" not in page["do"]
    assert "Its policy retries it" in page["do"]


@pytest.mark.parametrize("code", ["README", "nothing", "../warnings/killed", "", "killed.md"])
def test_nothing_else_is_read(console: Console, code: str) -> None:
    with pytest.raises(BadRequest, match="There is no warning"):
        console.warnings.about(code)
