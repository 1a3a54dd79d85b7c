"""Lock files of a bench: each site's folder `locks`, and the bench's folder `config`.

As Frappe makes them (`utils.synchronization.filelock`, `utils.file_lock`, `utils.scheduler`): a file lock is held by
flock(2) for as long as its process has it, and its file stays behind. The lock of a document is the file itself.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ..locks import limits as locks_limits
from ..messages import _, joined
from ..models.jobs import Job
from . import limits
from .models import DOCUMENT, FILE, SCHEDULER, OtherLock, Owner
from .owners import flocks, owner, started

#: SHA-224 of DOCTYPE:NAME.
_OF_DOCUMENT = re.compile(r"[0-9a-f]{56}")
_SUFFIX = ".lock"
_SCHEDULER = "scheduler_process"


@dataclass(frozen=True, slots=True)
class BenchFolder:
    """`jobs` are those that may work on a locked document."""

    path: Path

    def locks(self, site: str | None, jobs: Iterable[Job], now: datetime) -> tuple[list[OtherLock], bool]:
        """(of this site and of the bench; None: of all sites; whether there may be more). What cannot be read is left
        out."""
        working = {(job.site, _signature(*job.call.document)): job for job in jobs if job.call.document}
        look = _Look(now, working, flocks())
        sites = [site] if site else self.sites()
        found = [lock for each in sites for lock in self._of_site(each, look)]
        folders = [*(self._folder(each) for each in sites), self.path / "config"]
        return [*found, *self._of_bench(look)], any(_is_cut(each) for each in folders)

    def _folder(self, site: str) -> Path:
        return self.path / "sites" / site / "locks"

    def sites(self) -> list[str]:
        try:
            folders = [each.parent.name for each in (self.path / "sites").glob("*/site_config.json")]
        except OSError:
            return []
        return sorted(folders)

    def _of_site(self, site: str, look: _Look) -> Iterator[OtherLock]:
        for path, since in _files(self._folder(site)):
            name = path.name.removesuffix(_SUFFIX)
            if _OF_DOCUMENT.fullmatch(name):
                yield look.document(name, site, since)
            elif path.name.endswith(_SUFFIX):
                yield look.file(path, name, site, since)

    def _of_bench(self, look: _Look) -> Iterator[OtherLock]:
        for path, since in _files(self.path / "config"):
            if path.name == _SCHEDULER:
                yield look.scheduler(path, since)
            elif path.name.endswith(_SUFFIX):
                yield look.file(path, path.name.removesuffix(_SUFFIX), None, since)


@dataclass(frozen=True, slots=True)
class _Look:
    now: datetime
    working: Mapping[tuple[str | None, str], Job]
    held: Mapping[int, tuple[int, ...]] | None

    def file(self, path: Path, name: str, site: str | None, since: datetime) -> OtherLock:
        state, who = self._state(path)
        text = {
            "held": _("{process} holds it. It ends with that process, if not before: leave it alone.").format(
                process=_process(who)
            ),
            "free": _("Nobody holds it: the file was left over and stands in nobody's way."),
        }.get(state, _("Whether a process holds it cannot be told on this machine."))
        return OtherLock(FILE, name, state, text, site, _since(since, who), who)

    def scheduler(self, path: Path, since: datetime) -> OtherLock:
        state, who = self._state(path)
        text = {
            "held": _("{process} is the scheduler of this host, and holds it for as long as it lives.").format(
                process=_process(who)
            ),
            "free": _("No scheduler of this bench runs on this host."),
        }.get(state, _("Whether a scheduler runs cannot be told on this machine."))
        return OtherLock(SCHEDULER, path.name, state, text, None, _since(since, who), who)

    def document(self, name: str, site: str, since: datetime) -> OtherLock:
        job = self.working.get((site, name))
        if job is not None:
            text = _("Job {job} is to work on this document; Frappe unlocks it when the job begins.").format(job=job.id)
            if job.status == "started":
                text = _("Job {job} works on this document.").format(job=job.id)
            return OtherLock(DOCUMENT, name, "held", text, site, since, Owner(job_id=job.id), job.call.document)
        age = (self.now - since).total_seconds()
        if age > limits.DOCUMENT_LOCK_S:
            return OtherLock(DOCUMENT, name, "free", _("Older than 3 h: Frappe takes no notice of it."), site, since)
        text = _("Some job is to work on this document, or an app locked it; who, cannot be told. It ends after 3 h.")
        if age > limits.DOCUMENT_LOCK_SOFT_S:
            rest = _("When no job is left that would work on it, the document's form offers to unlock it.")
            text = joined((text, rest))
        return OtherLock(DOCUMENT, name, "unknown", text, site, since)

    def _state(self, path: Path) -> tuple[str, Owner | None]:
        if self.held is None:
            return "unknown", None
        try:
            who = owner(path, self.held)
        except OSError:
            return "unknown", None
        return ("held", who) if who else ("free", None)


def _is_cut(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return sum(1 for _each in entries) > locks_limits.LOCK_ROWS
    except OSError:
        return False


def _files(folder: Path) -> list[tuple[Path, datetime]]:
    """The newest first, at most `limits.LOCK_ROWS`."""
    try:
        with os.scandir(folder) as entries:
            found = [(each.stat().st_mtime, each.path) for each in entries if each.is_file(follow_symlinks=False)]
    except OSError:
        return []
    newest = sorted(found, reverse=True)[: locks_limits.LOCK_ROWS]
    return [(Path(path), datetime.fromtimestamp(changed, timezone.utc)) for changed, path in newest]


def _since(changed: datetime, who: Owner | None) -> datetime:
    """Whoever takes such a lock touches its file, mostly; never before it began."""
    began = started(who.pid) if who and who.pid else None
    return max(changed, began) if began else changed


def _signature(doctype: str, name: str) -> str:
    return hashlib.sha224(f"{doctype}:{name}".encode(), usedforsecurity=False).hexdigest()


def _process(who: Owner | None) -> str:
    if who is None:
        return _("A process")
    command = f"({who.command})" if who.command else ""
    return _("Process {pid} on {host} {command}").format(pid=who.pid, host=who.host, command=command)
