"""A Redis Cluster, be it of one node that has all slots: RQ's own steps are refused there, and that is said at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from redis import Redis
from redis.exceptions import RedisError

from job_console.console.embedded import embedded_server, free_port
from job_console.engine.errors import RedisUnavailable
from job_console.engine.service import Engine, Viewer

from ..bench import enqueue

pytestmark = pytest.mark.usefixtures("no_reader", "quick_proof")


@pytest.fixture
def cluster(wait_until: Callable[..., object]) -> Iterator[Redis]:
    settings = ("cluster-enabled yes", f"cluster-port {free_port()}")
    with embedded_server(settings=settings) as server, closing(Redis.from_url(server.url)) as client:
        client.execute_command("CLUSTER", "ADDSLOTS", *range(16384))
        wait_until(lambda: b"cluster_state:ok" in client.execute_command("CLUSTER", "INFO"))
        yield client


def test_a_cluster_of_one_node_is_told(cluster: Redis) -> None:
    with pytest.raises(RedisError, match="hash to the same slot"):
        enqueue(cluster)
    engine = Engine(cluster)
    (warning,) = engine.watch.look().warnings
    assert (warning.code, warning.severity) == ("redis_pressure", "critical")
    assert "a part of a cluster, where RQ cannot work: no job can be enqueued" in warning.message
    with pytest.raises(RedisUnavailable, match="a part of a cluster, where RQ cannot work"):
        engine.sweep()
    with pytest.raises(RedisUnavailable, match="a part of a cluster, where RQ cannot work"):
        engine.console(Viewer("tester", may_act=True)).actions.run("delete", ["a"])
