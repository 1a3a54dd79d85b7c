"""What the viewers and the sweeps of one process share: the connection, the reader, the look, the leases."""

from __future__ import annotations

from collections.abc import Mapping

from ..look.reader import JobReader
from ..otherlocks import BenchFolder
from ..past.pictures import Pictures
from ..redis.leases import Leases
from ..redis.link import Redis
from .fingerprint import FingerprintReader
from .watch import Watch


class Core:
    """Thread-safe. `service.Engine` adds what viewers ask."""

    def __init__(self, redis: Redis, queue_prefix: str = "") -> None:
        """`queue_prefix` keeps to one bench's queues."""
        self.redis = redis
        self.reader = JobReader(redis)
        self.watch = Watch(redis, self.reader, queue_prefix)
        self.leases = Leases(redis, queue_prefix)
        self.policies = self.watch.policies
        self.pictures = Pictures(redis, queue_prefix)
        #: The bench's folder, where a host knows one: for lock files.
        self.folder: BenchFolder | None = None
        #: Which server and bench this is, for people: `server`, `bench` of every snapshot.
        self.names: Mapping[str, str | None] = {"server": None, "bench": None, "bench_server": None}

    def fingerprints(self) -> FingerprintReader:
        """Tells by one round trip whether anything has changed."""
        return FingerprintReader(self.redis, self.watch.queue_prefix)
