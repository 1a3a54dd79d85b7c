"""For each rule what it finds, and what is as it should be and looks alike."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from .conftest import DOCTYPE


@dataclass(frozen=True)
class Case:
    code: str
    #: What the line that is found contains, in whichever file.
    line: str
    files: dict[str, str]
    hooks: str = ""
    #: Names of cases would only repeat the code; this is for the second of one.
    name: str = ""

    @property
    def id(self) -> str:
        return f"{self.code}{'-' + self.name if self.name else ''}"


def _order(body: str, top: str = "") -> dict[str, str]:
    """A document's controller."""
    head = f"import frappe\nfrom frappe.model.document import Document\n{dedent(top)}\n\nclass Order(Document):\n"
    return {DOCTYPE: head + "".join(f"    {line}\n" for line in dedent(body).strip().splitlines())}


def _task(body: str) -> dict[str, str]:
    return {"tasks.py": "import frappe\nimport time\nimport threading\nimport requests\n" + dedent(body)}


#: The scheduler runs `shop.tasks.run`.
_RUN = 'scheduler_events = {"daily_long": ["shop.tasks.run"]}\n'
_WORK = "def work(row):\n    row.save()\n"
_ROWS = 'frappe.get_all("Order")'


def _loop(handler: str, work: str = "row.save()") -> dict[str, str]:
    return _task(
        f"def run():\n    for row in {_ROWS}:\n        try:\n            {work}\n{handler}\n",
    )


FOUND = [
    Case(
        "JC101",
        "frappe.enqueue",
        _order('def on_submit(self):\n    frappe.enqueue("shop.tasks.send", order=self.name)'),
    ),
    Case(
        "JC101",
        "frappe.enqueue_doc",
        _order(
            """
            def validate(self):
                self.tell()

            def tell(self):
                tell_all(self.name)
            """,
            'def tell_all(name):\n    frappe.enqueue_doc("Order", name, "send")',
        ),
        name="through-helpers",
    ),
    Case(
        "JC101",
        "enqueue(",
        {
            "events.py": "from frappe.utils.background_jobs import enqueue\n\n"
            "def changed(doc, method):\n    enqueue(send)\n"
        },
        'doc_events = {"*": {"on_update": "shop.events.changed"}}',
        name="of-hook",
    ),
    Case(
        "JC102",
        "frappe.enqueue",
        _task(
            'def make():\n    order = frappe.new_doc("Order")\n    order.insert()\n'
            "    frappe.enqueue(work, name=order.name)\n"
        ),
    ),
    Case("JC103", "commit()", _order("def on_update(self):\n    frappe.db.commit()")),
    Case(
        "JC104",
        "requests.post",
        _order('def on_submit(self):\n    requests.post("https://x", json={})', "import requests"),
    ),
    Case("JC201", "frappe.enqueue", _task("def make():\n    frappe.enqueue(work, deduplicate=True)\n")),
    Case("JC202", "frappe.enqueue", _task('def make(name):\n    frappe.enqueue(work, job_name=f"x {name}")\n')),
    Case(
        "JC203",
        "frappe.enqueue",
        _task(
            "def make():\n    key = frappe.generate_hash()\n"
            '    frappe.enqueue(work, job_id=f"x-{key}", deduplicate=True)\n'
        ),
    ),
    Case("JC204", "frappe.enqueue", _task('def make(order):\n    frappe.enqueue(work, job_id=f"x-{order}")\n')),
    Case("JC301", "shop.tasks.gone", _task('def make():\n    frappe.enqueue("shop.tasks.gone")\n')),
    Case(
        "JC301",
        "enqueue_doc",
        _order('def go(self):\n    frappe.enqueue_doc("Order", self.name, "gone")'),
        name="of-document",
    ),
    Case(
        "JC302",
        "enqueue(work)",
        _task("def work(order): pass\n\ndef make():\n    frappe.enqueue(work)\n"),
        name="missing",
    ),
    Case(
        "JC302", "many=1", _task("def work(): pass\n\ndef make():\n    frappe.enqueue(work, many=1)\n"), name="foreign"
    ),
    Case("JC303", "lambda", _task("def make():\n    frappe.enqueue(lambda: 1)\n")),
    Case(
        "JC303", "enqueue(work)", _task("def make():\n    def work(): pass\n    frappe.enqueue(work)\n"), name="nested"
    ),
    Case("JC304", "doc=self", _order('def go(self):\n    frappe.enqueue("shop.tasks.send", doc=self)')),
    Case(
        "JC304",
        "self.send",
        _order("def go(self):\n    frappe.enqueue(self.send)\n\ndef send(self): pass"),
        name="method",
    ),
    Case("JC305", "now=True", _task("def make():\n    frappe.enqueue(work, now=True)\n")),
    Case("JC401", "timeout=60 * 60", _task("def make():\n    frappe.enqueue(work, timeout=60 * 60)\n")),
    Case(
        "JC411",
        "shop.tasks.run",
        _task("def run(): pass\n"),
        'scheduler_events = {"cron": {"61 * * * *": ["shop.tasks.run"]}}',
    ),
    Case(
        "JC413",
        "t0",
        {"tasks.py": "\n".join(f"def t{number}(): pass" for number in range(30))},
        "scheduler_events = {'daily': [\n" + "\n".join(f"    'shop.tasks.t{number}'," for number in range(30)) + "\n]}",
    ),
    Case(
        "JC412",
        "shop.tasks.run",
        _task("def run(): pass\n"),
        'scheduler_events = {"cron": {"*/2 * * * *": ["shop.tasks.run"]}}',
    ),
    Case("JC501", "except Exception", _loop("        except Exception:\n            frappe.log_error()"), _RUN),
    Case(
        "JC502",
        "except Exception",
        _loop("        except Exception:\n            frappe.log_error()", "row.insert(); row.submit()"),
        _RUN,
    ),
    Case(
        "JC503",
        "except Exception",
        _task("def run():\n    try:\n        frappe.get_doc('Order', 1).save()\n    except Exception:\n        pass\n"),
        _RUN,
    ),
    Case("JC601", "time.sleep", _task("def run():\n    while waiting():\n        time.sleep(5)\n"), _RUN),
    Case(
        "JC602",
        "get_all",
        _task(
            """
            def run():
                start = 0
                while True:
                    for row in frappe.get_all("Order", filters={"done": 0}, limit_start=start, limit=100):
                        frappe.db.set_value("Order", row.name, "done", 1)
                    start += 100
            """
        ),
    ),
    Case("JC603", "commit()", _task(f"def run():\n    for row in {_ROWS}:\n        frappe.db.commit()\n"), _RUN),
    Case(
        "JC604",
        "get_all",
        _task(
            "def run():\n    for row in frappe.get_all('Order'):\n"
            "        doc = frappe.get_doc('Order', row)\n        doc.save()\n"
        ),
        'scheduler_events = {"daily": ["shop.tasks.run"]}',
    ),
    Case(
        "JC701",
        "set_value",
        _task(
            """
            def run():
                if frappe.cache.get_value("busy"):
                    return
                frappe.cache.set_value("busy", 1, expires_in_sec=60)
                work()
                frappe.cache.delete_value("busy")
            """
        ),
    ),
    Case(
        "JC701",
        "nx=True",
        _task(
            """
            LOCK = "lock"

            def take():
                return frappe.cache().set(LOCK, 1, nx=True, ex=60)

            def free():
                frappe.cache().delete(LOCK)
            """
        ),
        name="without-token",
    ),
    Case(
        "JC702",
        "filelock",
        _task(
            "from frappe.utils.synchronization import filelock\n\ndef run():\n    with filelock('x'):\n        pass\n"
        ),
        _RUN,
    ),
    Case(
        "JC703",
        "exists",
        _task(
            """
            def run():
                if not frappe.db.exists("Order", {"number": 1}):
                    frappe.get_doc({"doctype": "Order", "number": 1}).insert()
            """
        ),
        _RUN,
    ),
    Case("JC801", "shop.tasks.gone", _task(""), 'after_install = "shop.tasks.gone"'),
    Case("JC802", "shop.tasks.run", _task("def run(days): pass\n"), _RUN),
    Case(
        "JC803",
        "shop.tasks.run",
        _task("def run(doc): pass\n"),
        'doc_events = {"Order": {"on_submit": "shop.tasks.run"}}',
    ),
    Case("JC901", "set_user", _order('def on_update(self):\n    frappe.set_user("Administrator")\n    self.work()')),
    Case("JC902", "threading.Thread", _task("def run():\n    threading.Thread(target=work).start()\n"), _RUN),
]

#: Nothing at all is found in these.
SILENT = [
    Case(
        "JC101",
        "",
        _order('def on_submit(self):\n    frappe.enqueue("frappe.x", enqueue_after_commit=True)'),
        name="after-commit",
    ),
    Case(
        "JC101",
        "",
        _order("def on_submit(self):\n    frappe.db.after_commit.add(lambda: frappe.enqueue('frappe.x'))"),
        name="deferred",
    ),
    Case("JC101", "", _order("def onload(self):\n    frappe.enqueue('frappe.x')"), name="no-write"),
    Case("JC101", "", _order("def on_submit(self):\n    frappe.enqueue('frappe.x', **self.more())"), name="unknown"),
    Case(
        "JC101",
        "",
        _order(
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
        _task(
            'def make():\n    order = frappe.new_doc("Order")\n    order.insert()\n    frappe.db.commit()\n'
            "    frappe.enqueue('frappe.x', name=order.name)\n"
        ),
    ),
    Case(
        "JC103",
        "",
        _order(
            "def on_update(self):\n    self.keep()\n\n"
            "def keep(self, commit=False):\n    if commit:\n        frappe.db.commit()"
        ),
    ),
    Case(
        "JC104",
        "",
        _order(
            'def on_submit(self):\n    self.get_token()\n\ndef get_token(self):\n    requests.post("https://x")',
            "import requests",
        ),
    ),
    Case("JC201", "", _task('def make():\n    frappe.enqueue("frappe.x", job_id="x", deduplicate=True)\n')),
    Case("JC203", "", _task("def make():\n    frappe.enqueue('frappe.x', job_id=frappe.generate_hash())\n")),
    Case(
        "JC204",
        "",
        _task("def make():\n    if not is_job_enqueued('x'):\n        frappe.enqueue('frappe.x', job_id='x')\n"),
    ),
    Case(
        "JC204",
        "",
        _task(
            "def make(orders):\n    for order in orders:\n        if not redis.exists(key(order)):\n"
            "            frappe.enqueue('frappe.x', job_id=order)\n"
        ),
        name="looked-up",
    ),
    Case(
        "JC301",
        "",
        _task("from shop.other import work\n\ndef make():\n    frappe.enqueue('shop.tasks.work')\n")
        | {"other.py": "from frappe import *\n"},
    ),
    Case(
        "JC302",
        "",
        _task("def work(order, *, many=1, **more): pass\n\ndef make():\n    frappe.enqueue(work, order=1, other=2)\n"),
    ),
    Case(
        "JC302",
        "",
        _task("@other.wraps\ndef work(order): pass\n\ndef make():\n    frappe.enqueue(work)\n"),
        name="decorated",
    ),
    Case(
        "JC304",
        "",
        _order("def go(self):\n    frappe.enqueue_doc(self.doctype, self.name, 'send')\n\ndef send(self): pass"),
    ),
    Case("JC305", "", _task("def make():\n    frappe.enqueue('frappe.x', now=frappe.flags.in_test)\n")),
    Case("JC401", "", _task("def make(lane):\n    frappe.enqueue('frappe.x', timeout=3600, queue=lane)\n")),
    Case("JC411", "", _task("def run(): pass\n"), 'scheduler_events = {"cron": {"*/5 3 * * 1-5": ["shop.tasks.run"]}}'),
    Case(
        "JC501",
        "",
        _loop(
            "        except JobTimeoutException:\n            raise\n"
            "        except Exception:\n            frappe.log_error()"
        ),
        _RUN,
        name="raised",
    ),
    Case("JC501", "", _loop("        except Exception:\n            frappe.log_error()"), name="no-job"),
    Case("JC501", "", _loop("        except Exception:\n            pass", "int(row)"), _RUN, name="no-work"),
    Case("JC601", "", _task("def run():\n    for _ in range(3):\n        time.sleep(5)\n"), _RUN),
    Case(
        "JC701",
        "",
        _task("def run():\n    frappe.cache.set_value('seen', 1)\n    return frappe.cache.get_value('seen')\n"),
    ),
    Case("JC801", "", _task("run = make()\n"), _RUN, name="assigned"),
    Case("JC802", "", _task("def run(days=1): pass\n"), _RUN),
    Case("JC803", "", _task("def run(doc, *more): pass\n"), 'doc_events = {"Order": {"on_submit": "shop.tasks.run"}}'),
    Case(
        "JC901",
        "",
        _order(
            "def on_update(self):\n    user = frappe.session.user\n"
            '    frappe.set_user("Administrator")\n    frappe.set_user(user)'
        ),
    ),
    Case(
        "JC902",
        "",
        _task("def run():\n    one = threading.Thread(target=work)\n    one.start()\n    one.join()\n"),
        _RUN,
    ),
]
