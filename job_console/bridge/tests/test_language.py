"""The engine's sentences on a real site: each reader has their own language, zone and formats."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from unittest.mock import patch

import frappe
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from frappe.gettext.translate import compile_translations, get_method_map
from frappe.translate import clear_cache

import job_console
from job_console import api
from job_console.bridge import language
from job_console.bridge.connection import engine
from job_console.bridge.sweep import incidents
from job_console.bridge.tests.testing import MANAGER, SiteTestCase, forget_incidents, others_incidents
from job_console.engine.messages import Instant, _
from job_console.engine.watch import limits as watch_limits
from job_console.engine.wording import many

PACKAGE = Path(job_console.__file__).parent
INCIDENT = "Job Incident"
SUSPENDED = "rq:suspended"
ENGLISH = "All workers are suspended: they take no work."
GERMAN = "Alle Worker sind angehalten: sie nehmen keine Arbeit an."


def skip_folder(path: str) -> bool:
    """As Frappe's command does, which goes by the checkout's .gitignore."""
    name = Path(path).name
    return not (name.startswith((".", "_")) or name in ("node_modules", "dist", "static"))


def catalogue(name: str) -> dict[str, str]:
    with (PACKAGE / "locale" / name).open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


class LanguageTestCase(SiteTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        compile_translations("job_console", force=True)
        clear_cache()

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.redis.delete, SUSPENDED)
        self.addCleanup(engine().watch.forget)

    def suspend(self) -> None:
        self.redis.set(SUSPENDED, 1, ex=3600)
        engine().watch.forget()

    @contextmanager
    def reading(self, lang: str, **values: str) -> Iterator[None]:
        """A request of a System Manager with this language."""
        before = frappe.db.get_value("User", MANAGER, ["language", "time_zone"], as_dict=True)
        was = frappe.local.lang
        frappe.db.set_value("User", MANAGER, {"language": lang, **values})
        frappe.clear_document_cache("User", MANAGER)
        frappe.local.lang = lang
        try:
            yield
        finally:
            frappe.local.lang = was
            frappe.db.set_value("User", MANAGER, before)
            frappe.clear_document_cache("User", MANAGER)


class TestTheSameMoment(LanguageTestCase):
    def test_a_german_and_an_english_manager_read_the_same_look(self) -> None:
        self.suspend()
        with patch.object(watch_limits, "SNAPSHOT_TTL_S", 600.0):
            look = engine().watch.look()
            with self.reading("de"):
                german = self.warning()
            with self.reading("en"):
                english = self.warning()
            self.assertTrue(engine().watch.look() is look)  # shared: not taken anew for another language
        self.assertTrue(english["message"].startswith(ENGLISH), english)
        self.assertTrue(german["message"].startswith(GERMAN), german)
        self.assertEqual(german["id"], english["id"])
        labels = [[each["label"] for each in found["remedies"]] for found in (german, english)]
        self.assertEqual(labels, [["Fortsetzen"], ["Resume"]])

    def warning(self) -> dict:
        return next(each for each in api.warnings()["warnings"] if each["code"] == "suspended")

    def test_so_is_a_snapshot_that_all_processes_share(self) -> None:
        self.suspend()
        with patch.object(watch_limits, "SNAPSHOT_TTL_S", 600.0):
            with self.reading("de"):
                german = api.snapshot()
            with self.reading("en"):
                english = api.snapshot()
        self.assertEqual(german["at"], english["at"])
        for snapshot, text in ((german, GERMAN), (english, ENGLISH)):
            (found,) = (each for each in snapshot["warnings"] if each["code"] == "suspended")
            self.assertTrue(found["message"].startswith(text), found["message"])

    def test_so_is_what_an_error_says(self) -> None:
        for lang, text in (("de", "Es gibt keinen Job 'nobody'"), ("en", "There is no job 'nobody'")):
            with self.reading(lang), self.assertRaises(frappe.DoesNotExistError) as caught:
                api.show("nobody")
            self.assertIn(text, str(caught.exception))

    def test_a_schedule_in_words(self) -> None:
        with self.reading("de"):
            self.assertEqual(api.schedule_preview("30 2 * * 1-5")["words"], "um 02:30, Montag bis Freitag")
        with self.reading("es"):
            self.assertEqual(api.schedule_preview("30 2 * * 1-5")["words"], "a las 02:30, Lunes a Viernes")

    def test_an_incident_is_stored_once_and_read_in_every_language(self) -> None:
        self.suspend()
        self.addCleanup(forget_incidents, but=others_incidents())
        incidents.write_down(engine(), engine().watch.look_twice(1))
        for lang, text in (("de", GERMAN), ("en", ENGLISH)):
            with self.reading(lang):
                shown = api.open_incidents()["incidents"]
                (found,) = (each for each in shown if (each["code"], each["status"]) == ("suspended", "Open"))
                self.assertTrue(found["message"].startswith(text), found["message"])
                opened = frappe.get_doc(INCIDENT, found["name"])
                opened.run_method("onload")
                self.assertTrue(opened.message.startswith(text))

    def test_who_is_notified_reads_their_own_language(self) -> None:
        with self.reading("de"):
            frappe.local.lang = "en"  # whoever sweeps
            self.assertEqual(language.spoken(_(ENGLISH), MANAGER), GERMAN)


class TestFormats(LanguageTestCase):
    def test_a_moment_is_shown_in_the_users_zone(self) -> None:
        noon = Instant(datetime(2026, 7, 1, 12, 0, tzinfo=timezone.utc), "time")
        text = _("{who} since {since}").format(who="x", since=noon)
        with self.reading("en", time_zone="Asia/Tokyo"):
            self.assertEqual(language.spoken(text), "x since 21:00")
        with self.reading("en", time_zone="America/New_York"):
            self.assertEqual(language.spoken(text), "x since 08:00")

    def test_a_number_is_written_as_the_site_does(self) -> None:
        text = many(41_230, _("{count:,} job"), _("{count:,} jobs"))
        before = frappe.db.get_default("number_format")
        self.addCleanup(frappe.db.set_default, "number_format", before)
        for number_format, said in (("#.###,##", "41.230 Jobs"), ("#,###.##", "41,230 Jobs")):
            frappe.db.set_default("number_format", number_format)
            with self.reading("de"):
                self.assertEqual(language.spoken(text), said)


class TestCatalogue(SiteTestCase):
    def test_it_is_what_frappes_own_tools_extract(self) -> None:
        """If not: `bench generate-pot-file --app job_console`."""
        extracted = {
            message if isinstance(message, str) else message[0]
            for _name, _line, message, _comments, _context in extract_from_dir(
                str(PACKAGE.parent),
                get_method_map("frappe"),
                directory_filter=skip_folder,
                keywords={**DEFAULT_KEYWORDS, "_lt": None},
            )
            if message
        }
        self.assertEqual(extracted ^ set(catalogue("main.pot")), set())

    def test_what_frappe_says_too_is_translated_alike(self) -> None:
        """An app's translation of `Open` is that of the whole desk: a guest does not rename what is there."""
        frappes = Path(frappe.get_app_path("frappe")) / "locale"
        for lang in ("de", "es"):
            with (frappes / f"{lang}.po").open("rb") as file:
                own = {entry.id: entry.string for entry in read_po(file) if entry.string and not entry.context}
            ours = catalogue(f"{lang}.po")
            other = {text: (said, own[text]) for text, said in ours.items() if own.get(text, said) != said}
            with self.subTest(lang):
                self.assertLessEqual(len(other), 0.25 * len(ours.keys() & own.keys()), json.dumps(other))
