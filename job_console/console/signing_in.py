"""How somebody signs in with a browser: by the form, or once by `/?token=TOKEN`. Both leave a cookie."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.exceptions import Unauthorized
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from job_console.engine.messages import _

from .auth import Guard
from .page import sign_in_page
from .people import Person


def is_form(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("/sign-in")


def by_form(guard: Guard, request: Request) -> Response:
    guard.same_origin(request)
    person = guard.named(request.form.get("token", ""))
    if person is None:
        if not guard.people:
            return redirect("./", 303)
        return sign_in_page(request, _("That is no token of this console."))
    return guard.remember(request, person, redirect("./", 303))


def to_page(guard: Guard, request: Request, show: Callable[[Person | None], Response]) -> Response:
    """What `show` returns for whoever may see it; the form, for others."""
    person = guard.named(request.args.get("token", ""))
    if person is not None:
        return guard.remember(request, person, redirect("./" + request.path.rpartition("/")[2], 303))
    try:
        person = guard.admit(request)
    except Unauthorized:
        return sign_in_page(request)
    return show(person)
