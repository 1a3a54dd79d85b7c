"""The bench as it was at a moment of the past."""

from __future__ import annotations

from collections.abc import Iterator

from .bench import snapshot
from .layout import Document, Paint
from .values import moment


def past(document: Document, paint: Paint) -> Iterator[str]:
    then = document["snapshot"]
    if then is not None:
        yield paint(f"As it was at {moment(then['at'])}. Nothing here can be acted on.", bold=True)
        yield ""
        unnamed = [{**warning, "id": None} for warning in then["warnings"]]  # they cannot be silenced any more
        yield from snapshot({**then, "surveyed": None, "warnings": unnamed}, paint)
        return
    yield paint(f"There is no picture of {moment(document['at'])}: nobody looked then, or it is not kept.", "yellow")
    nearest = [("before", document["before"]), ("after", document["after"])]
    for word, at in nearest:
        yield f"The nearest one {word} it: {moment(at) or 'none'}"
