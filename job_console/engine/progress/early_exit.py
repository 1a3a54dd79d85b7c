"""How a job leaves its run early, on purpose.

    EarlyExit (BaseException)
    ├── StopAsked     somebody asked it to stop: it ends as stopped, what it has not committed is rolled back
    └── HandOver      its rest is done by a later run of the same job
        ├── HandedOver    which waits in the lane already
        └── Parked        which waits until somebody, or something, resumes it

They derive from BaseException, so that an application's loop that catches `Exception` to go on with its next item does
not catch them, and Frappe writes no Error Log for them.
"""

from __future__ import annotations


class EarlyExit(BaseException):
    """Base of all ways to leave a run early; its message is fit for people."""


class StopAsked(EarlyExit):
    pass


class HandOver(EarlyExit):
    pass


class HandedOver(HandOver):
    pass


class Parked(HandOver):
    pass
