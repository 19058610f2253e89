"""Where a person lands who signs in and asked for no page."""

from __future__ import annotations

from django.http import HttpRequest

from flowrack.platform import queries
from flowrack.platform.lookup import read_id
from flowrack.platform.roles import ON_FOOT

PHONE_WIDTH = 600  # CSS pixels; a wider screen shows the office


def is_for_scanner(request: HttpRequest, user_id: int) -> bool:
    """Whether the person works on the floor and signs in on a phone: their day is on the scanner's start page."""
    width = read_id(request.POST.get("screen", ""))
    is_small = width < PHONE_WIDTH if width else "Mobi" in request.headers.get("User-Agent", "")
    held = queries.roles_held(user_id) if is_small else set()
    return bool(held) and held <= ON_FOOT
