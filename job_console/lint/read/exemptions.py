"""`# noqa` and `# noqa: JC101, JC203` behind a line, as ruff and flake8 read them."""

from __future__ import annotations

import io
import re
import tokenize

_COMMENT = re.compile(r"#\s*noqa(?P<codes>\s*:\s*[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)?", re.IGNORECASE)


def exemptions(text: str) -> dict[int, frozenset[str]]:
    """By line; an empty set exempts from all rules. In a string it is no comment."""
    if "noqa" not in text.lower():
        return {}
    found = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and (match := _COMMENT.search(token.string)):
                codes = re.findall(r"[A-Z]+[0-9]+", (match["codes"] or "").upper())
                found[token.start[0]] = frozenset(codes)
    except (tokenize.TokenError, SyntaxError):
        pass
    return found
