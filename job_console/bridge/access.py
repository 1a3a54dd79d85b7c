"""Permissions on the desk: System Managers may see and act, on the jobs of their own site only."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import frappe
from frappe import _

from job_console.bridge import language, unreachable
from job_console.bridge.connection import engine
from job_console.bridge.schedule import schedule
from job_console.engine import errors
from job_console.engine.service import Console, Engine, Viewer

APP = "job_console"
ROLE = "System Manager"


class RedisUnavailableError(frappe.ValidationError):
    http_status_code = 503


_FRAPPE_ERRORS = {
    errors.NoSuchJob: frappe.DoesNotExistError,
    errors.NoSuchLock: frappe.DoesNotExistError,
    errors.NoSuchWarning: frappe.DoesNotExistError,
    errors.NoSuchGroup: frappe.DoesNotExistError,
    errors.Forbidden: frappe.PermissionError,
    errors.RedisUnavailable: RedisUnavailableError,
}
P = ParamSpec("P")
T = TypeVar("T")


def is_manager() -> bool:
    return ROLE in frappe.get_roles()


def for_managers(function: Callable[P, T]) -> Callable[P, T]:
    """A decorator for whitelisted functions: checks the role, and translates the engine's errors to Frappe's."""
    # Not frappe.only_for: that lets everybody in while tests run, and so cannot be tested.
    return guarded(lambda *_args, **_kwargs: is_manager())(function)


def for_users(function: Callable[P, T]) -> Callable[P, T]:
    """As `for_managers`, for whoever is logged in: the function itself looks at each row."""
    # In English, as a guest has no language, and this is decided when the module is loaded.
    refusal = "Log in to see your jobs."
    return guarded(lambda *_args, **_kwargs: frappe.session.user not in ("Guest", "", None), refusal)(function)


def guarded(may_call: Callable[P, bool], refusal: str = "") -> Callable[[Callable[P, T]], Callable[P, T]]:
    """As `for_managers`, by another rule: it is asked with the call's arguments."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> Any:
            if not may_call(*args, **kwargs):
                words = refusal or _("Only a {0} may use Job Console.").format(_(ROLE))
                frappe.throw(words, frappe.PermissionError)
            if APP not in frappe.get_installed_apps():  # a page that is still open after it was uninstalled
                frappe.throw(_("Job Console is not installed on this site."), frappe.PermissionError)
            try:
                return language.spoken(function(*args, **kwargs))
            except errors.JobConsoleError as error:
                return _refuse(function, error)

        return checked

    return decorate


def _refuse(function: Callable[..., Any], error: errors.JobConsoleError) -> None:
    """Raise Frappe's error. Not for an unreachable Redis, as pages ask again every few seconds, and Frappe would write
    an Error Log each time.
    """
    try:
        frappe.throw(language.spoken(str(error)), _FRAPPE_ERRORS.get(type(error), frappe.ValidationError))
    except RedisUnavailableError as refused:
        unreachable.log(str(error))
        if not _is_what_was_asked_for(function):
            raise
        unreachable.answer(refused)


def _is_what_was_asked_for(function: Callable[..., Any]) -> bool:
    """Whether the request is for this function. False: other code has called it, and gets an exception."""
    request = getattr(frappe.local, "request", None)
    name = f"job_console.api.{function.__name__}"
    return request is not None and name in (frappe.form_dict.get("cmd"), request.path.rpartition("/")[2])


def console() -> Console:
    """The bench as the current user of the current site may see it. Raises RedisUnavailable."""
    schedule.refresh()
    viewer = Viewer(name=frappe.session.user, site=frappe.local.site, may_act=is_manager())
    return engine().console(viewer, secret_names=_secret_names())


def managers_console() -> Console:
    """The bench as any manager of the current site sees it: for what is read on behalf of them all."""
    return engine().console(
        Viewer(name="Job Console", site=frappe.local.site, may_act=True), secret_names=_secret_names()
    )


def site_console(engine: Engine) -> Console:
    """The bench as this site may see it, whoever the user is: for what the site itself stores. It may not act."""
    return engine.console(Viewer(name="Job Console", site=frappe.local.site), secret_names=_secret_names())


def _secret_names() -> list[str]:
    names = frappe.db.get_single_value("Job Console Settings", "secret_names", cache=True)
    return (names or "").splitlines()
