"""The items of a loop, with positions from which a later run can continue. Positions are values that JSON can hold."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from typing import Any, Protocol

import frappe
from frappe.model.document import Document

from job_console.engine.errors import BadRequest

Position = Any
Placed = tuple[Position, Any]


class Source(Protocol):
    #: What it is, for people.
    about: str

    def total(self) -> int | None:
        """The number of items; None: not known without iterating."""

    def after(self, position: Position | None, last: Position | None = None) -> Iterator[Placed]:
        """The items after `position` (None: from the first), up to and including `last`."""

    def only(self, positions: Sequence[Position]) -> Iterator[Placed]:
        """The items at these positions that still exist."""

    def split(self, parts: int) -> list[tuple[Position | None, int]]:
        """(the last position, None: the last item; the number of items) for each of at most `parts` parts.

        Raises BadRequest when it cannot be split.
        """


def source(items: Any, filters: Any, fields: Any, docs: bool, page: int) -> Source:
    """A doctype's name makes `Rows`; everything else must be given in the same order again."""
    if isinstance(items, str):
        return Rows(items, filters, fields, docs, page)
    if filters or fields or docs:
        raise BadRequest("Filters, fields and docs are for a doctype.")
    return Ordered(items)


class Rows:
    """Rows of a doctype in the order of their primary key; a page begins after the last key, not at an offset."""

    def __init__(self, doctype: str, filters: Any, fields: Any, docs: bool, page: int) -> None:
        if fields and docs:
            raise BadRequest("A document has all of its fields.")
        self.doctype = doctype
        self.about = f"rows of {doctype}"
        self._filters = _as_list(filters)
        self._fields = list(dict.fromkeys(["name", *fields])) if fields else None
        self._docs = docs
        self._page = page

    def total(self) -> int:
        return frappe.db.count(self.doctype, self._filters)

    def after(self, position: Position | None, last: Position | None = None) -> Iterator[Placed]:
        ends = [["name", "<=", last]] if last is not None else []
        while True:
            begins = [["name", ">", position]] if position is not None else []
            rows = self._read([*begins, *ends], self._page)
            for row in rows:
                yield row.name, self._item(row)
            if len(rows) < self._page:
                return
            position = rows[-1].name

    def only(self, positions: Sequence[Position]) -> Iterator[Placed]:
        for start in range(0, len(positions), self._page):
            names = positions[start : start + self._page]
            for row in self._read([["name", "in", names]], len(names)):
                yield row.name, self._item(row)

    def split(self, parts: int) -> list[tuple[Position | None, int]]:
        counts = _counts(self.total(), parts)
        ends = list(accumulate(counts[:-1]))
        return list(zip([*(self._read([], 1, start=end - 1)[0].name for end in ends), None], counts, strict=True))

    def _read(self, filters: list[Any], most: int, start: int = 0) -> list[frappe._dict]:
        return frappe.get_all(
            self.doctype,
            filters=[*self._filters, *filters],
            fields=self._fields or ["name"],
            order_by="name asc",
            limit_start=start,
            limit_page_length=most,
        )

    def _item(self, row: frappe._dict) -> Any:
        if self._docs:
            return frappe.get_doc(self.doctype, row.name)
        return row if self._fields else row.name


def _as_list(filters: Any) -> list[Any]:
    if not filters:
        return []
    if isinstance(filters, Mapping):
        return [[name, *value] if _has_operator(value) else [name, "=", value] for name, value in filters.items()]
    return list(filters)


def _has_operator(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2 and isinstance(value[0], str)


class Ordered:
    """Any iterable that gives the same items in the same order in each run. A position is a number, with a short form
    of the item there, so that a different list is noticed.
    """

    about = "given items"

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = items

    def total(self) -> int | None:
        return len(self._items) if isinstance(self._items, Sequence) else None

    def after(self, position: Position | None, last: Position | None = None) -> Iterator[Placed]:
        done = position[0] if position else 0
        if position:
            self._must_be_there(position)
        end = last[0] if last else None
        for number, item in enumerate(self._from(done), start=done + 1):
            yield [number, short(item)], item
            if number == end:
                return

    def only(self, positions: Sequence[Position]) -> Iterator[Placed]:
        wanted = dict(positions)
        for number, item in enumerate(self._items, start=1):
            if number in wanted:
                _same(number, wanted[number], item)
                yield [number, short(item)], item

    def split(self, parts: int) -> list[tuple[Position | None, int]]:
        items = self._items
        if not isinstance(items, Sequence):
            raise BadRequest("What only gives its items one after the other cannot be worked on in parallel.")
        counts = _counts(len(items), parts)
        ends = list(accumulate(counts[:-1]))
        return list(zip([*([end, short(items[end - 1])] for end in ends), None], counts, strict=True))

    def _must_be_there(self, position: Position) -> None:
        number, was = position
        if isinstance(self._items, Sequence):
            item = next(iter(self._items[number - 1 : number]), None)
        else:
            # Of what can be gone over once only, this uses up all that was done: `_from` goes on behind it.
            self._items = iter(self._items)
            item = next(islice(self._items, number - 1, number), None)
        _same(number, was, item)

    def _from(self, done: int) -> Iterable[Any]:
        if isinstance(self._items, Sequence):
            return islice(self._items, done, None)
        return self._items


def _counts(total: int, parts: int) -> list[int]:
    """Of parts as equal as can be; at least one, and none that is empty beside others."""
    parts = max(min(parts, total), 1)
    return [total * part // parts - total * (part - 1) // parts for part in range(1, parts + 1)]


def _same(number: int, was: str, item: Any) -> None:
    if short(item) != was:
        raise BadRequest(
            f"The items are not those of the earlier run: the {number:,}. was {was}, and is {short(item)}. "
            "Give the same ones in the same order, or go over a doctype's rows."
        )


def short(item: Any) -> str:
    """A short text that identifies an item."""
    if isinstance(item, Document):
        return f"{item.doctype} {item.name}"[:140]
    if isinstance(item, Mapping):
        name = item.get("name")
        return str(name if name is not None else json.dumps(item, default=str, sort_keys=True))[:140]
    return str(item)[:140]
