"""What the bridge tells the engine of Frappe's own limits."""

from unittest.mock import patch

import frappe
from frappe.utils import background_jobs

from job_console.bridge import connection
from job_console.bridge.tests.testing import SiteTestCase


class TestWall(SiteTestCase):
    def test_the_wall_is_where_frappe_refuses(self) -> None:
        if not hasattr(background_jobs, "_check_queue_size"):
            self.assertIsNone(connection.enqueue_limit())
            return
        wall = connection.enqueue_limit()
        self.assertGreaterEqual(wall, 550)
        with patch.dict(frappe.local.conf, {"max_queued_jobs": 7}):
            wall = connection.enqueue_limit()
            background_jobs._check_queue_size(frappe._dict(count=wall - 1))
            with self.assertRaises(frappe.QueueOverloaded):
                background_jobs._check_queue_size(frappe._dict(count=wall))

    def test_the_engine_knows_it(self) -> None:
        self.assertEqual(connection.engine().watch.look().bench.enqueue_limit, connection.enqueue_limit())
