"""Orders that somebody chose in the list: how a page is told of them, and what it says came of each."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.platform.web.columns import Column
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import render_page
from flowrack.sales.types_many import MOST_ORDERS, Outcome
from flowrack.shared.errors import Invalid

_ORDER = Column("number", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id]))
_CUSTOMER = Column("customer", "Customer")
_SAID = Column("said", "What comes of it", wide=True)


def columns(outcomes: Sequence[Outcome]) -> list[Column]:
    """The columns of what comes of orders: the customer where it is known."""
    return [_ORDER, _CUSTOMER, _SAID] if any(one.customer for one in outcomes) else [_ORDER, _SAID]


def to_page(name: str, ids: list[int]) -> str:
    """The address of such a page for chosen orders; refuses more than one page takes."""
    if len(ids) > MOST_ORDERS:
        raise Invalid(f"These are {len(ids):,} orders.", fix=f"Choose at most {MOST_ORDERS} at a time.")
    return f"{reverse(name)}?ids={','.join(map(str, ids))}"


def ids_of(request: HttpRequest) -> list[int]:
    """The orders that the address names."""
    return [int(one) for one in request.GET.get("ids", "").split(",") if one.isdigit() and len(one) < 19]


def result(request: HttpRequest, title: str, done: str, outcomes: list[Outcome], back: tuple[str, str]) -> HttpResponse:
    """What came of each order."""
    can, cannot = ([one for one in outcomes if one.is_done is is_done] for is_done in (True, False))
    names = columns(outcomes)
    tables = [Table(f"{len(can):,} {done}", names, can)] if can else []
    tables += [Table(f"{len(cannot):,} as before", names, cannot)] if cannot else []
    return render_page(request, "sales/many_done.html", {"title": title, "back": back, "tables": tables})
