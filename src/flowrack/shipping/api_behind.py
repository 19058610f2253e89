"""What stayed when its truck left, for other systems: customer service reads here whom to call."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from flowrack.platform.apipages import LIMIT, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, now, requires
from flowrack.shipping import queries_behind
from flowrack.shipping.queries_behind import LeftBehindRow

router = Router(tags=["shipping"])


@router.get("/left-behind", response=PageOut[LeftBehindRow])
@requires("shipping.view")
def left_behind(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> Any:
    """Orders that were planned on a truck and did not leave whole with it, by id; of what is over the last 92 days."""
    caller = caller_of(request)
    sites = caller.sites("shipping.view") if caller else frozenset()
    rows = queries_behind.left_behind(sites, now(), after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)
