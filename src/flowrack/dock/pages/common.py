"""What the pages of the dock share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from flowrack.dock.forms import ReasonForm
from flowrack.locations import queries as locations
from flowrack.platform.http import caller_of
from flowrack.platform.web.render import ask

CALENDAR = "Door calendar"


def held(request: HttpRequest) -> frozenset[int]:
    """The sites whose dock the person may see (0 = all)."""
    caller = caller_of(request)
    return caller.sites("dock.view") if caller else frozenset()


@contextmanager
def by_clock_of(site_id: int) -> Iterator[None]:
    """Times are drawn by the clock of the site at whose doors they are."""
    with timezone.override(ZoneInfo(locations.site(site_id).timezone)):
        yield


def with_reason(
    request: HttpRequest, title: str, sub: str, back: tuple[str, str], command: Callable[[Any, Any], Any],
    make: Callable[[str], Any],
) -> HttpResponse:  # fmt: skip
    """A page that asks for a reason, then ends something."""
    form = ReasonForm(request.POST or None)
    return ask(
        request, form, command, lambda said: make(said["reason"]), title=title, back=back, sub=sub,
        toast=lambda done: done.state.capitalize(),
    )  # fmt: skip
