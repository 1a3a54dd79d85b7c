"""Jobs shaped like Frappe's, in a queue of any depth: written by rq itself, then copied with fresh ids.

rq enqueues some hundred jobs. The others are the same records with an id, times and one argument of their own, written
straight in Redis's protocol: a million of them in about a minute.
"""

from __future__ import annotations

import random
import uuid
import zlib
from datetime import datetime, timedelta, timezone
from typing import Any

import redis
from rq import Callback, Queue
from rq.job import Job

EXECUTE = "frappe.utils.background_jobs.execute_job"
#: A document's number, of constant length, so that a copy's may take its place in a pickle.
NUMBER = b"0000000"
HOLD, FAIL, RARE = "benchmark.hold", "benchmark.fail", "shop.closing.close_the_year"
METHODS = (
    "frappe.email.queue.send_now",
    "frappe.utils.global_search.sync_global_search",
    "frappe.desk.page.setup_wizard.setup_wizard.make_records",
    "frappe.core.doctype.data_import.data_import.start_import",
    "frappe.integrations.doctype.webhook.webhook.enqueue_webhook",
    "frappe.model.delete_doc.delete_dynamic_links",
    "erpnext.accounts.doctype.sales_invoice.sales_invoice.make_payment",
    "erpnext.stock.doctype.repost_item_valuation.repost_item_valuation.repost_entries",
    "erpnext.manufacturing.doctype.bom_update_log.bom_update_log.process_boms",
    "shop.stock.sync_stock",
    "shop.mail.send_receipt",
    "frappe.utils.background_jobs.run_doc_method",
)
#: One job in so many belongs to the bench's other site.
OTHER_SITE_EACH = 4
#: One job in so many is what the search looks for.
WANTED_EACH, WANTED = 500, "shop.reports.monthly_aging"
BATCH = 1_000


class Filler:
    """Tops up one queue. The jobs look as if they had been enqueued during the last two hours."""

    def __init__(self, client: redis.Redis, bench_id: str, site: str, other_site: str) -> None:
        self.client = client
        self.bench_id = bench_id
        self.sites = (site, other_site)
        self.queue = Queue(f"{bench_id}:default", connection=client)
        self.made = 0
        self._since = datetime.now(timezone.utc) - timedelta(hours=2)
        self._dice = random.Random(7)
        self._common: list[_Template] = []
        self._wanted: list[_Template] = []

    def enqueue(self, method: str, queue: str = "default", site: str | None = None, timeout: int = 300) -> Job:
        """As `frappe.enqueue` does it."""
        site = site or self.sites[0]
        arguments: dict[str, Any] = {
            "doctype": "Sales Invoice",
            "name": f"ACC-SINV-2026-{NUMBER.decode()}",
            "items": [{"item_code": f"ITEM-{n:04d}", "qty": n, "warehouse": "Stores - C"} for n in range(4)],
            "notify": True,
        }
        if method.endswith("run_doc_method"):
            arguments["doc_method"] = "submit"
        kwargs = {
            "site": site,
            "user": "ops@example.com",
            "method": method,
            "event": None,
            "job_name": method,
            "is_async": True,
            "kwargs": arguments,
        }
        lane = Queue(f"{self.bench_id}:{queue}", connection=self.client)
        return lane.enqueue_call(
            EXECUTE,
            kwargs=kwargs,
            timeout=timeout,
            job_id=f"{site}||{uuid.uuid4()}",
            on_failure=Callback("frappe.utils.background_jobs.truncate_failed_registry"),
            failure_ttl=7 * 86_400,
            result_ttl=86_400,
        )

    def learn(self) -> None:
        """Enqueue one job of each kind with rq; their records are the templates of all others."""
        for n in range(OTHER_SITE_EACH):
            site = self.sites[0 if n else 1]
            self._common += [self._template(self.enqueue(method, site=site)) for method in METHODS]
        self._wanted = [self._template(self.enqueue(WANTED))]

    def _template(self, job: Job) -> _Template:
        record = self.client.hgetall(job.key)
        job.delete()
        return _Template(record, job.id.partition("||")[0])

    def fill(self, depth: int, span: int) -> None:
        """Until `depth` jobs wait. `span` is how many there will be in the end: times are spread over so many."""
        connection: Any = self.client.connection_pool.get_connection("HSET")
        missing = depth - self.queue.count
        while missing > 0:
            ids, commands = [], []
            for _ in range(min(BATCH, missing)):
                self.made += 1
                pool = self._common if self.made % WANTED_EACH else self._wanted
                at = self._since + timedelta(hours=1.9 * self.made / span)
                job_id, command = self._dice.choice(pool).copy(self.made, at)
                ids.append(job_id)
                commands.append(command)
            commands.append(_command(b"RPUSH", self.queue.key.encode(), *ids))
            connection.send_packed_command([b"".join(commands)])
            for _ in commands:
                connection.read_response()
            missing -= len(ids)
        self.client.connection_pool.release(connection)

    def verify(self) -> None:
        """What was copied is what rq itself reads."""
        length = self.queue.count
        for place in (0, length // 3, length // 2, length - 1):
            (job_id,) = self.queue.get_job_ids(place, 1)
            job = Job.fetch(job_id, connection=self.client)
            inner = job.kwargs["kwargs"]
            assert job.func_name == EXECUTE, job.func_name
            assert job.get_status() == "queued", job.get_status()
            assert job.kwargs["site"] == job_id.partition("||")[0], job_id
            assert inner["items"][3]["qty"] == 3, inner


class _Template:
    """One record that rq wrote, and how to write it again."""

    def __init__(self, record: dict[bytes, bytes], site: str) -> None:
        self.site = site.encode()
        self.pickle = zlib.decompress(record.pop(b"data"))
        self.description = record.pop(b"description")
        assert NUMBER in self.pickle, "the pickle holds no number to replace"
        del record[b"created_at"], record[b"enqueued_at"]
        self.size = 2 + 2 * (len(record) + 4)
        self.constant = b"".join(_bulk(part) for pair in record.items() for part in pair)

    def copy(self, number: int, at: datetime) -> tuple[bytes, bytes]:
        """(id, the command that writes the record)."""
        job_id = b"%b||%b" % (self.site, str(uuid.UUID(int=_UUIDS.getrandbits(128), version=4)).encode())
        digits = b"%07d" % number
        moment = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
        fields = (
            (b"created_at", moment),
            (b"enqueued_at", moment),
            (b"description", self.description.replace(NUMBER, digits)),
            (b"data", zlib.compress(self.pickle.replace(NUMBER, digits))),
        )
        own = b"".join(_bulk(name) + _bulk(value) for name, value in fields)
        head = b"*%d\r\n$4\r\nHSET\r\n" % self.size
        return job_id, head + _bulk(b"rq:job:" + job_id) + self.constant + own


_UUIDS = random.Random(11)


def _bulk(value: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(value), value)


def _command(*parts: bytes) -> bytes:
    return b"*%d\r\n" % len(parts) + b"".join(map(_bulk, parts))
