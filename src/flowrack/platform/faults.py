"""Mistakes of ours, met while a request was answered: logged in full under a number that whoever met one can name."""

from __future__ import annotations

import secrets

import structlog
from django.http import HttpRequest

log = structlog.get_logger()


def logged(request: HttpRequest, event: str) -> str:
    """Log the exception being handled; the number under which it stands in the log, such as `7F3A-09C2`.

    With it go the route, the address without its query, the method and the caller's id; never a body or a header.
    """
    digits = secrets.token_hex(4).upper()
    number = f"{digits[:4]}-{digits[4:]}"
    match = getattr(request, "resolver_match", None)
    caller = getattr(request, "flowrack_caller", None)
    log.exception(
        event,
        fault=number,
        route=match.route if match else "",
        path=request.path,
        method=request.method,
        user_id=caller.user_id if caller else None,
    )
    return number
