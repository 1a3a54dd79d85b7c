"""What is as it should be, and looks like what a rule finds."""

from __future__ import annotations

from .cases import RUN, Case, loop, order, task

#: Nothing at all is found in these.
SILENT = [
    Case(
        "JC101",
        "",
        order('def on_submit(self):\n    frappe.enqueue("frappe.x", enqueue_after_commit=True)'),
        name="after-commit",
    ),
    Case(
        "JC101",
        "",
        order("def on_submit(self):\n    frappe.db.after_commit.add(lambda: frappe.enqueue('frappe.x'))"),
        name="deferred",
    ),
    Case("JC101", "", order("def onload(self):\n    frappe.enqueue('frappe.x')"), name="no-write"),
    Case("JC101", "", order("def on_submit(self):\n    frappe.enqueue('frappe.x', **self.more())"), name="unknown"),
    Case(
        "JC101",
        "",
        order(
            """
            def on_submit(self):
                if not frappe.flags.in_test:
                    return
                frappe.enqueue('frappe.x')
            """
        ),
        name="in-tests-only",
    ),
    Case(
        "JC102",
        "",
        task(
            'def make():\n    order = frappe.new_doc("Order")\n    order.insert()\n    frappe.db.commit()\n'
            "    frappe.enqueue('frappe.x', name=order.name)\n"
        ),
    ),
    Case(
        "JC103",
        "",
        order(
            "def on_update(self):\n    self.keep()\n\n"
            "def keep(self, commit=False):\n    if commit:\n        frappe.db.commit()"
        ),
    ),
    Case(
        "JC104",
        "",
        order(
            'def on_submit(self):\n    self.get_token()\n\ndef get_token(self):\n    requests.post("https://x")',
            "import requests",
        ),
    ),
    Case("JC201", "", task('def make():\n    frappe.enqueue("frappe.x", job_id="x", deduplicate=True)\n')),
    Case("JC203", "", task("def make():\n    frappe.enqueue('frappe.x', job_id=frappe.generate_hash())\n")),
    Case(
        "JC204",
        "",
        task("def make():\n    if not is_job_enqueued('x'):\n        frappe.enqueue('frappe.x', job_id='x')\n"),
    ),
    Case(
        "JC204",
        "",
        task(
            "def make(orders):\n    for order in orders:\n        if not redis.exists(key(order)):\n"
            "            frappe.enqueue('frappe.x', job_id=order)\n"
        ),
        name="looked-up",
    ),
    Case(
        "JC301",
        "",
        task("from shop.other import work\n\ndef make():\n    frappe.enqueue('shop.tasks.work')\n")
        | {"other.py": "from frappe import *\n"},
    ),
    Case(
        "JC302",
        "",
        task("def work(order, *, many=1, **more): pass\n\ndef make():\n    frappe.enqueue(work, order=1, other=2)\n"),
    ),
    Case(
        "JC302",
        "",
        task("@other.wraps\ndef work(order): pass\n\ndef make():\n    frappe.enqueue(work)\n"),
        name="decorated",
    ),
    Case(
        "JC304",
        "",
        order("def go(self):\n    frappe.enqueue_doc(self.doctype, self.name, 'send')\n\ndef send(self): pass"),
    ),
    Case("JC305", "", task("def make():\n    frappe.enqueue('frappe.x', now=frappe.flags.in_test)\n")),
    Case("JC401", "", task("def make(lane):\n    frappe.enqueue('frappe.x', timeout=3600, queue=lane)\n")),
    Case("JC411", "", task("def run(): pass\n"), 'scheduler_events = {"cron": {"*/5 3 * * 1-5": ["shop.tasks.run"]}}'),
    Case(
        "JC501",
        "",
        loop(
            "        except JobTimeoutException:\n            raise\n"
            "        except Exception:\n            frappe.log_error()"
        ),
        RUN,
        name="raised",
    ),
    Case("JC501", "", loop("        except Exception:\n            frappe.log_error()"), name="no-job"),
    Case("JC501", "", loop("        except Exception:\n            pass", "int(row)"), RUN, name="no-work"),
    Case("JC601", "", task("def run():\n    for _ in range(3):\n        time.sleep(5)\n"), RUN),
    Case(
        "JC701",
        "",
        task("def run():\n    frappe.cache.set_value('seen', 1)\n    return frappe.cache.get_value('seen')\n"),
    ),
    Case("JC801", "", task("run = make()\n"), RUN, name="assigned"),
    Case("JC802", "", task("def run(days=1): pass\n"), RUN),
    Case("JC803", "", task("def run(doc, *more): pass\n"), 'doc_events = {"Order": {"on_submit": "shop.tasks.run"}}'),
    Case(
        "JC901",
        "",
        order(
            "def on_update(self):\n    user = frappe.session.user\n"
            '    frappe.set_user("Administrator")\n    frappe.set_user(user)'
        ),
    ),
    Case(
        "JC902",
        "",
        task("def run():\n    one = threading.Thread(target=work)\n    one.start()\n    one.join()\n"),
        RUN,
    ),
]
