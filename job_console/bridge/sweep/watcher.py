"""`bench job-console-watch`: sweeps for every site of the bench, in a process of its own."""

import logging
import signal
from threading import Event

import frappe
from frappe.utils import get_sites

from job_console.bridge.connection import engine
from job_console.bridge.schedule import schedule
from job_console.bridge.sweep import incidents
from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.host.service_manager import ServiceManager
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.service import WHOLE_SURVEY_S

log = logging.getLogger("job_console")


class Watcher:
    def __init__(self, every_s: float) -> None:
        """Raises BadRequest where systemd would kill it between two rounds."""
        self.every_s = every_s
        self._manager = ServiceManager()
        self._manager.check(every_s)
        self._ended = Event()
        #: The problem of a site that was last printed.
        self._troubles: dict[str, str] = {}

    def run(self, once: bool = False) -> None:
        """Sweep until SIGTERM or SIGINT. `once`: two rounds, so far apart that the second proves what the first
        found.
        """
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sign, lambda *_: self._ended.set())
        survey_s = WHOLE_SURVEY_S if once else 0.0  # no later round goes on with it
        self.round(survey_s)
        if once:
            self._ended.wait(max(diagnosis_limits.PROOF_S, schedule_limits.SWEEP_EVERY_S) + 0.5)
            self.round(survey_s)
        while not once and not self._ended.wait(self.every_s):
            self.round()
        self._manager.ending()

    def round(self, survey_s: float = 0.0) -> None:
        """A site that is down, in the midst of a migration or without the app keeps no other from its sweep."""
        for site in get_sites():
            try:
                trouble = self._sweep(site, survey_s)
            except Exception as error:
                trouble = f"{type(error).__name__}: {error}"
            if trouble != self._troubles.get(site, ""):
                log.warning("%s: %s", site, trouble or "swept again")
                self._troubles[site] = trouble
            self._manager.alive(f"Swept {site}.")  # after each: many sites may take longer than it waits
        self._manager.alive("Swept all sites.")

    def _sweep(self, site: str, survey_s: float) -> str:
        """What keeps it from being swept, or nothing."""
        frappe.init(site, force=True)
        try:
            if frappe.conf.maintenance_mode:
                schedule.publish_off()
                return "in maintenance mode: not swept"
            frappe.connect()
            if "job_console" not in frappe.get_installed_apps():
                return ""
            if survey_s:  # else the sweep looks by itself, and only when something is due
                engine().watch.look(survey_s)
            incidents.sweep()
            return ""
        finally:
            frappe.destroy()
