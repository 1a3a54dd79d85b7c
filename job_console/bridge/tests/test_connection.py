"""What the bridge tells the engine of Frappe's own limits."""

from unittest.mock import patch

import frappe
from frappe.utils import background_jobs

from job_console.bridge import connection
from job_console.bridge.tests.testing import SiteTestCase


class TestWall(SiteTestCase):
    def test_the_wall_is_where_frappe_refuses(self) -> None:
        if not hasattr(background_jobs, "_check_queue_size"):
            self.assertIsNone(connection.queue_wall())
            return
        wall = connection.queue_wall()
        self.assertGreaterEqual(wall, 550)
        with patch.dict(frappe.local.conf, {"max_queued_jobs": 7}):
            wall = connection.queue_wall()
            background_jobs._check_queue_size(frappe._dict(count=wall - 1))
            with self.assertRaises(frappe.QueueOverloaded):
                background_jobs._check_queue_size(frappe._dict(count=wall))

    def test_the_engine_is_told(self) -> None:
        self.assertEqual(connection.engine().watch.look().bench.wall, connection.queue_wall())
