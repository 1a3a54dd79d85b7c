"""Live on the desk: one process of the web server notifies all viewers of a site of changes, while there are any.

Whoever asks for the snapshot views for the next seconds, and its process begins to notify if no other one does. Pages
are told by Frappe's realtime how new a snapshot must be (`realtime`), and all get the same one (`shared_snapshots`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Thread
from time import sleep
from typing import Any
from uuid import uuid4

import frappe
from frappe.utils.background_jobs import get_redis_connection_without_auth

from job_console.bridge import realtime
from job_console.bridge.access import console, managers_console
from job_console.bridge.connection import engine, queue_prefix
from job_console.engine.errors import JobConsoleError
from job_console.engine.redis import keys
from job_console.engine.redis.link import Redis, answers, pipelined, reaching_redis
from job_console.engine.service import parse_time
from job_console.engine.watch import limits
from job_console.engine.watch.change_notifier import ChangeNotifier
from job_console.engine.watch.fingerprint import FingerprintReader
from job_console.engine.watch.shared_snapshots import SharedSnapshots

log = logging.getLogger("job_console")


def snapshot(since: str | None = None) -> dict[str, Any]:
    """What the site's viewers see now; `since`: not older than this. Raises RedisUnavailable, BadRequest."""
    prefix, site, redis = queue_prefix(), frappe.local.site, engine().redis
    _have_notified(redis, prefix, site)
    return SharedSnapshots(redis, prefix, site).get(parse_time(since), lambda: console().snapshot(since))


def shared_snapshot() -> dict[str, Any]:
    """The same for a program that comes now and then: it is no viewer, and nothing is notified for it."""
    shared = SharedSnapshots(engine().redis, queue_prefix(), frappe.local.site)
    return shared.get(None, lambda: managers_console().snapshot())


def _have_notified(redis: Redis, prefix: str, site: str) -> None:
    """Somebody views the site: start to notify, unless a process does."""
    token = uuid4().hex
    pipeline = pipelined(redis)
    pipeline.set(keys.viewed(prefix, site), 1, ex=round(limits.VIEWED_S))
    pipeline.set(keys.notifier(prefix, site), token, nx=True, px=round(limits.NOTIFIER_LEASE_S * 1000))
    _viewed, is_ours = answers(pipeline, 2)
    if is_ours is True:
        # Asked for here, where Frappe knows the site: the thread knows none.
        notify = _publisher(get_redis_connection_without_auth(), site)
        notifier = SiteNotifier(redis, prefix, site, token)
        Thread(target=notifier.run, args=(notify,), name="job-console-notifier", daemon=True).start()


def _publisher(redis: Redis, site: str) -> Callable[[datetime | None], None]:
    def publish(since: datetime | None) -> None:
        if since is not None:
            with reaching_redis():
                redis.publish("events", realtime.message(site, since))

    return publish


@dataclass(frozen=True)
class SiteNotifier:
    """Notifies the viewers of a site while it has the lease (`token`) and somebody views. Never raises."""

    redis: Redis
    prefix: str
    site: str
    token: str

    def run(self, notify: Callable[[datetime | None], None]) -> None:
        notifier = ChangeNotifier(FingerprintReader(self.redis, self.prefix).read, notify)
        try:
            while self.renew():
                notifier.check()
                sleep(limits.FINGERPRINT_EVERY_S)
        except JobConsoleError as error:
            log.debug("Open pages are not notified: %s", error)
        except Exception:  # the edge of a thread: no caller above could report it
            log.warning("Open pages are not notified of changes; they ask now and then.", exc_info=True)

    def renew(self) -> bool:
        """The lease, for another two seconds. False: it is another process's, or nobody views."""
        lease = keys.notifier(self.prefix, self.site)
        pipeline = pipelined(self.redis)
        pipeline.get(lease)
        pipeline.exists(keys.viewed(self.prefix, self.site))
        with reaching_redis():
            holder, viewed = pipeline.execute()
            if holder != self.token.encode():
                return False
            if not viewed:
                self.redis.delete(lease)
                return False
            self.redis.pexpire(lease, round(limits.NOTIFIER_LEASE_S * 1000))
        return True
