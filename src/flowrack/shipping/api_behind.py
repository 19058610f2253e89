"""What stayed when its truck left, for other systems: customer service reads here whom to call."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from flowrack.platform.apipages import LIMIT, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, now, requires
from flowrack.shipping import queries_behind

router = Router(tags=["shipping"])


class LeftBehindOut(Schema):
    """An order that did not go whole with its truck; `standing` says what is to be done, `is_open` whether anything is.

    `truck` is the load that it is on by now, `offer` the next one of its site that could take it; 0 = none. `kept_back`
    says which of its cartons every truck refuses, and why (`carton_id`).
    """

    id: int
    order_id: int
    order: str
    customer: str
    tier: str
    load_id: int
    load: str
    site_id: int
    left_at: datetime
    closed_by: str
    staged: int
    not_staged: int
    reason: str
    note: str
    promised_on: date | None
    next_on: date | None
    arrives_on: date | None
    owner: str
    standing: str
    is_open: bool
    line_ids: list[int]
    truck_id: int
    truck: str
    truck_at: datetime | None
    offer_id: int
    offer: str
    offer_at: datetime | None
    carton_id: int
    kept_back: str


@router.get("/left-behind", response=PageOut[LeftBehindOut])
@requires("shipping.view")
def left_behind(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> Any:
    """Orders that were planned on a truck and did not leave whole with it, by id; what is over too."""
    caller = caller_of(request)
    sites = caller.sites("shipping.view") if caller else frozenset()
    rows = queries_behind.left_behind(sites, now(), after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)
