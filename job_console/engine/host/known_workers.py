"""What the reader of a host remembers of its workers, for when Redis forgets them.

A Redis that loses its memory loses RQ's list of workers and our notes of their processes, and the workers go on: a
heartbeat writes a record anew that names neither process nor lanes. Who remembers the process still tells when it ends.
"""

from __future__ import annotations

from time import monotonic

from ..stacks import limits as stacks_limits
from ..stacks.liveness import Note


class KnownWorkers:
    """Of one reader, which has one thread."""

    def __init__(self) -> None:
        #: The processes of this host's workers, by name. `liveness.publish` adds what it reads.
        self.notes: dict[str, Note] = {}
        self._heard_of: dict[str, float] = {}

    def with_those_of_before(self, names: set[str]) -> set[str]:
        """These names, and those of this host's workers that were among them a while ago: what a heartbeat has written
        of a worker lives on for as long."""
        now = monotonic()
        self._heard_of.update(dict.fromkeys(names, now))
        lately = {name for name, at in self._heard_of.items() if now - at < stacks_limits.PRESENCE_TTL_S}
        self._heard_of = {name: self._heard_of[name] for name in lately}
        self.notes = {name: note for name, note in self.notes.items() if name in lately}
        return names | self.notes.keys()
