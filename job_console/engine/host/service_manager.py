"""Tells systemd how a process that stays is: ready, alive, about to end (`Type=notify`, `WatchdogSec=`).

The protocol is a datagram to the socket that $NOTIFY_SOCKET names (sd_notify(3)), which is too little for a dependency.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

from ..errors import BadRequest
from ..messages import _


class ServiceManager:
    """Says nothing where nobody listens, and never raises for one who has gone."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        mine = environment.get("WATCHDOG_PID") in (None, str(os.getpid()))
        #: It kills whoever says nothing for so long. None: it does not.
        self.watchdog_s = _seconds(environment.get("WATCHDOG_USEC", "")) if mine else None
        self._told = False

    def check(self, every_s: float) -> None:
        """Raises BadRequest where a process that is heard of every `every_s` would be killed for its silence."""
        if self.watchdog_s is not None and self.watchdog_s < 2 * every_s:
            raise BadRequest(
                _(
                    "WatchdogSec= of the unit is {watchdog_s:g} s, but there are {every_s:g} s between two looks: give "
                    "it at least twice as much, or --every less."
                ).format(watchdog_s=self.watchdog_s, every_s=every_s)
            )

    def alive(self, status: str) -> None:
        """The process is ready, and does its work; `status` is one line for `systemctl status`."""
        ready = "" if self._told else "READY=1\n"
        self._told = True
        self._send(f"{ready}WATCHDOG=1\nSTATUS={' '.join(status.split())}")

    def ending(self) -> None:
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        # An address that begins with @ is in the abstract namespace.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)  # a manager that does not read must not stop us
            sender.sendto(text.encode(), address)


def _seconds(microseconds: str) -> float | None:
    return int(microseconds) / 1e6 if microseconds.isdecimal() and int(microseconds) else None
