"""Marks in words."""

from __future__ import annotations

from ..messages import Message, _, joined, listed
from ..wording import duration, many
from .marks import Mark


def sentence(mark: Mark) -> Message:
    """What was changed, as a phrase that stands by itself."""
    if mark.kind == "apps":
        return _apps(mark)
    if mark.kind in _OF_NAMES:
        return _OF_NAMES[mark.kind].format(names=_names(mark))
    if mark.kind == "workers_started":
        counted = many(mark.count, _("{count:,} worker was started"), _("{count:,} workers were started"))
    elif mark.kind == "workers_stopped":
        counted = many(mark.count, _("{count:,} worker was stopped"), _("{count:,} workers were stopped"))
    else:
        return _PLAIN[mark.kind]
    if not any(mark.names):
        return counted
    return _("{counted} ({queues})").format(counted=counted, queues=", ".join(mark.names))


def began_after(mark: Mark, at: float) -> Message:
    """What is told of something that began then."""
    seconds = at - mark.at
    if seconds < 60:
        return _("It began within a minute of this: {mark}.").format(mark=sentence(mark))
    return _("It began {duration} after this: {mark}.").format(duration=_minutes(seconds), mark=sentence(mark))


def _minutes(seconds: float) -> Message:
    """Changes are seen to a minute."""
    return duration(seconds) if seconds >= 120 else _("{minutes} min").format(minutes=1)


_PLAIN = {
    "migrated": _("the site was migrated"),
    "redis": _("Redis was started"),
    "maintenance_on": _("maintenance mode was switched on"),
    "maintenance_off": _("maintenance mode was switched off"),
    "scheduler_on": _("the scheduler was switched on"),
    "scheduler_off": _("the scheduler was switched off"),
    "suspended": _("the bench was suspended"),
    "resumed": _("the suspension of the bench ended"),
}
_OF_NAMES = {
    "configuration": _("the configuration was changed: {names}"),
    "policies": _("Job Policies were changed: {names}"),
    "queues_paused": _("queues were paused: {names}"),
    "queues_resumed": _("queues were resumed: {names}"),
}


def _apps(mark: Mark) -> Message:
    installed = [name for name in mark.names if not name.startswith("-")]
    removed = [name[1:] for name in mark.names if name.startswith("-")]
    more = mark.count - len(mark.names)
    if more > 0:
        installed.append(_more(more))
    parts = [
        _("{apps} installed").format(apps=listed(installed)) if installed else "",
        _("{apps} removed").format(apps=listed(removed)) if removed else "",
    ]
    return joined(parts, ", ")


def _names(mark: Mark) -> Message:
    more = mark.count - len(mark.names)
    return joined([*mark.names, *([_more(more)] if more > 0 else [])], ", ")


def _more(count: int) -> Message:
    return _("{count:,} more").format(count=count)
