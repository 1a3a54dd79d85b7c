"""For each rule what it finds."""

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


def order(body: str, top: str = "") -> dict[str, str]:
    """A document's controller."""
    head = f"import frappe\nfrom frappe.model.document import Document\n{dedent(top)}\n\nclass Order(Document):\n"
    return {DOCTYPE: head + "".join(f"    {line}\n" for line in dedent(body).strip().splitlines())}


def task(body: str) -> dict[str, str]:
    return {"tasks.py": "import frappe\nimport time\nimport threading\nimport requests\n" + dedent(body)}


#: The scheduler runs `shop.tasks.run`.
RUN = 'scheduler_events = {"daily_long": ["shop.tasks.run"]}\n'
WORK = "def work(row):\n    row.save()\n"
ROWS = 'frappe.get_all("Order")'


def loop(handler: str, work: str = "row.save()") -> dict[str, str]:
    return task(
        f"def run():\n    for row in {ROWS}:\n        try:\n            {work}\n{handler}\n",
    )


FOUND = [
    Case(
        "JC101",
        "frappe.enqueue",
        order('def on_submit(self):\n    frappe.enqueue("shop.tasks.send", order=self.name)'),
    ),
    Case(
        "JC101",
        "frappe.enqueue_doc",
        order(
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
        task(
            'def make():\n    order = frappe.new_doc("Order")\n    order.insert()\n'
            "    frappe.enqueue(work, name=order.name)\n"
        ),
    ),
    Case("JC103", "commit()", order("def on_update(self):\n    frappe.db.commit()")),
    Case(
        "JC104",
        "requests.post",
        order('def on_submit(self):\n    requests.post("https://x", json={})', "import requests"),
    ),
    Case("JC201", "frappe.enqueue", task("def make():\n    frappe.enqueue(work, deduplicate=True)\n")),
    Case("JC202", "frappe.enqueue", task('def make(name):\n    frappe.enqueue(work, job_name=f"x {name}")\n')),
    Case(
        "JC203",
        "frappe.enqueue",
        task(
            "def make():\n    key = frappe.generate_hash()\n"
            '    frappe.enqueue(work, job_id=f"x-{key}", deduplicate=True)\n'
        ),
    ),
    Case("JC204", "frappe.enqueue", task('def make(order):\n    frappe.enqueue(work, job_id=f"x-{order}")\n')),
    Case("JC301", "shop.tasks.gone", task('def make():\n    frappe.enqueue("shop.tasks.gone")\n')),
    Case(
        "JC301",
        "enqueue_doc",
        order('def go(self):\n    frappe.enqueue_doc("Order", self.name, "gone")'),
        name="of-document",
    ),
    Case(
        "JC302",
        "enqueue(work)",
        task("def work(order): pass\n\ndef make():\n    frappe.enqueue(work)\n"),
        name="missing",
    ),
    Case(
        "JC302", "many=1", task("def work(): pass\n\ndef make():\n    frappe.enqueue(work, many=1)\n"), name="foreign"
    ),
    Case("JC303", "lambda", task("def make():\n    frappe.enqueue(lambda: 1)\n")),
    Case(
        "JC303", "enqueue(work)", task("def make():\n    def work(): pass\n    frappe.enqueue(work)\n"), name="nested"
    ),
    Case("JC304", "doc=self", order('def go(self):\n    frappe.enqueue("shop.tasks.send", doc=self)')),
    Case(
        "JC304",
        "self.send",
        order("def go(self):\n    frappe.enqueue(self.send)\n\ndef send(self): pass"),
        name="method",
    ),
    Case("JC305", "now=True", task("def make():\n    frappe.enqueue(work, now=True)\n")),
    Case("JC401", "timeout=60 * 60", task("def make():\n    frappe.enqueue(work, timeout=60 * 60)\n")),
    Case(
        "JC411",
        "shop.tasks.run",
        task("def run(): pass\n"),
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
        task("def run(): pass\n"),
        'scheduler_events = {"cron": {"*/2 * * * *": ["shop.tasks.run"]}}',
    ),
    Case("JC501", "except Exception", loop("        except Exception:\n            frappe.log_error()"), RUN),
    Case(
        "JC502",
        "except Exception",
        loop("        except Exception:\n            frappe.log_error()", "row.insert(); row.submit()"),
        RUN,
    ),
    Case(
        "JC503",
        "except Exception",
        task("def run():\n    try:\n        frappe.get_doc('Order', 1).save()\n    except Exception:\n        pass\n"),
        RUN,
    ),
    Case("JC601", "time.sleep", task("def run():\n    while waiting():\n        time.sleep(5)\n"), RUN),
    Case(
        "JC602",
        "get_all",
        task(
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
    Case("JC603", "commit()", task(f"def run():\n    for row in {ROWS}:\n        frappe.db.commit()\n"), RUN),
    Case(
        "JC604",
        "get_all",
        task(
            "def run():\n    for row in frappe.get_all('Order'):\n"
            "        doc = frappe.get_doc('Order', row)\n        doc.save()\n"
        ),
        'scheduler_events = {"daily": ["shop.tasks.run"]}',
    ),
    Case(
        "JC701",
        "set_value",
        task(
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
        task(
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
        task(
            "from frappe.utils.synchronization import filelock\n\ndef run():\n    with filelock('x'):\n        pass\n"
        ),
        RUN,
    ),
    Case(
        "JC703",
        "exists",
        task(
            """
            def run():
                if not frappe.db.exists("Order", {"number": 1}):
                    frappe.get_doc({"doctype": "Order", "number": 1}).insert()
            """
        ),
        RUN,
    ),
    Case("JC801", "shop.tasks.gone", task(""), 'after_install = "shop.tasks.gone"'),
    Case("JC802", "shop.tasks.run", task("def run(days): pass\n"), RUN),
    Case(
        "JC803",
        "shop.tasks.run",
        task("def run(doc): pass\n"),
        'doc_events = {"Order": {"on_submit": "shop.tasks.run"}}',
    ),
    Case("JC901", "set_user", order('def on_update(self):\n    frappe.set_user("Administrator")\n    self.work()')),
    Case("JC902", "threading.Thread", task("def run():\n    threading.Thread(target=work).start()\n"), RUN),
]
