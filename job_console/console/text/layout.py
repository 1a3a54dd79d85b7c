"""Lines that fit a terminal: colours, columns, facts; cleaned of what would steer it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from ..terminal import fit

Document = Mapping[str, Any]

VERDICT = {"ok": "green", "warning": "yellow", "critical": "red", "info": "blue"}
#: Columns wider than this are cut; `show` and --json have the whole.
_WIDEST = 60


class Paint:
    """Colours, or not. Text is cleaned in any case: a job's words must not steer the reader's terminal."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, value: Any, colour: str | None = None, bold: bool = False) -> str:
        plain = clean(value)
        return click.style(plain, fg=colour, bold=bold) if self._colour and (colour or bold) else plain


def clean(value: Any) -> str:
    """Control characters made visible, lines kept apart by spaces, and as this terminal can write it."""
    return fit("".join(char if char.isprintable() else _visible(char) for char in str(value)))


def _visible(char: str) -> str:
    return " " if char in "\n\r\t" else char.encode("unicode_escape").decode("ascii")


def table(
    heads: Sequence[str],
    cells: Sequence[Sequence[Any]],
    paint: Paint,
    right: Iterable[int] = (),
    whole: Iterable[int] = (),
    colours: Sequence[str | None] = (),
) -> Iterator[str]:
    """Aligned columns. `right`: aligned right; `whole`: never cut; `colours`: of each row's first cell."""
    texts = [
        [_cut(clean("" if cell is None else cell), None if i in whole else _WIDEST) for i, cell in enumerate(row)]
        for row in cells
    ]
    widths = [max(len(text) for text in column) for column in zip(heads, *texts, strict=True)]

    def line(row: Sequence[str], colour: str | None = None, bold: bool = False) -> str:
        padded = [
            text.rjust(width) if i in right else text.ljust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        painted = [paint(padded[0], colour, bold), *(paint(cell, bold=bold) for cell in padded[1:])]
        return "  ".join(painted).rstrip()

    yield line(heads, bold=True)
    for number, row in enumerate(texts):
        yield line(row, colours[number] if colours else None)


def _cut(text: str, most: int | None) -> str:
    if most is None or len(text) <= most:
        return text
    end = fit("…")
    return text[: most - len(end)] + end


def facts(facts: Mapping[str, Any], paint: Paint) -> Iterator[str]:
    width = max((len(name) for name in facts), default=0)
    for name, value in facts.items():
        yield f"  {clean(name).ljust(width)}  {paint(value)}".rstrip()


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
