"""What AMI tells of the box: which phones are there, and who was refused. ARI moves the calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from engine.asterisk.ami import Ami
from engine.ports import EndpointChanged

log = structlog.get_logger("box")

_GONE = ("Removed", "Unreachable")


async def watch_box(
    host: str,
    port: int,
    user: str,
    secret: str,
    now: Callable[[], float],
    on_event: Callable[[EndpointChanged], None],
) -> None:
    """Tell of phones that come and go, and log refused logins, until cancelled."""

    def take(event: Mapping[str, str]) -> None:
        match event.get("Event"):
            case "ContactStatus":
                online = event.get("ContactStatus") not in _GONE
                on_event(EndpointChanged(now(), event.get("EndpointName", ""), online))
            case "InvalidPassword" | "ChallengeResponseFailed" | "InvalidAccountID" as kind:
                log.warning("sip_login_refused", kind=kind, account=event.get("AccountID"))

    await Ami(host, port, user, secret, on_event=take).run()
