"""Work that a device takes along and does without the network: the address from which the app fetches a kind of it.

    def _take(taking: Taking) -> dict[str, Any]:                 # lease the work to the device; tell all that it needs
        ...

    OFFLINE_URLS = [path("scan/count/along", along_view("counting.count", _take), name="scan_count_along")]

    ALONG = [queries.counts_on]                                  # what a device has of it now: (device, now) -> [Held]

stands in a stage's `scan_journal.py`, beside the kinds of entry that come back (`journal.py`): what their codes say
before the point is the kind. The app has a module for each kind, which knows its grammar (`static/js/offline-*.js`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from flowrack.platform.http import DEVICE_HEADER
from flowrack.platform.runner import Context
from flowrack.platform.web.access import page
from flowrack.platform.web.registry import edge_modules
from flowrack.platform.web.render import context_of
from flowrack.platform.web.viewer import Viewer, viewer_of
from flowrack.shared.errors import FlowrackError, NotPermitted


@dataclass(frozen=True, slots=True)
class Held:
    """Work that a device has along until a time, and whose it is."""

    what: str
    person: str
    until: datetime


def held_on(device: str, now: datetime) -> list[Held]:
    """What a device has along now, of every stage, in the order of the flow."""
    readers = [reader for module in edge_modules("scan_journal") for reader in getattr(module, "ALONG", [])]
    return [one for read in readers for one in read(device, now)]


RENEW_BELOW = timedelta(minutes=45)
LONGEST_CODE = 60


@dataclass(frozen=True, slots=True)
class Taking:
    """A device asks what it has along, after whatever it has sent; `wants_next` asks for more, `code` for what was
    scanned. `body` is all that it says.
    """

    viewer: Viewer
    ctx: Context
    device: str
    wants_next: bool
    code: str = ""
    body: dict[str, Any] = field(default_factory=dict)

    def must_take(self, ends_at: datetime | None) -> bool:
        """Whether something is to be taken or kept for longer; the first lease of the device is over at `ends_at`."""
        return self.wants_next or (ends_at is not None and ends_at - self.ctx.now < RENEW_BELOW)


def along_view(permission: str, take: Callable[[Taking], dict[str, Any]]) -> Callable[..., HttpResponse]:
    """The address from which the app fetches one kind of work. Only the app is answered: it names its device."""

    def view(request: HttpRequest) -> HttpResponse:
        try:
            device = request.headers.get(DEVICE_HEADER, "")
            if not device:
                raise NotPermitted("Only the scan app takes work along.", fix="Open it on the device.")
            body = _body(request)
            code = str(body.get("code") or "")[:LONGEST_CODE].strip().upper()
            wants_next = body.get("next") is True
            return JsonResponse(take(Taking(viewer_of(request), context_of(request), device, wants_next, code, body)))
        except FlowrackError as refusal:
            return JsonResponse(refusal.problem(), status=refusal.status, content_type="application/problem+json")

    return csrf_exempt(page(permission, methods=("POST",))(view))  # the header can only be sent by our own pages


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
