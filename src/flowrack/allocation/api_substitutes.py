"""Substitutes for short lines, for other systems."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from flowrack.allocation import commands_substitutes as commands
from flowrack.allocation import commands_undo
from flowrack.allocation import queries_substitutes as queries
from flowrack.allocation.rules_substitutes import Offer, fill
from flowrack.allocation.types_substitutes import (
    AcceptOffer,
    ConsentSet,
    OfferAccepted,
    SeenPortion,
    SetConsent,
    SubstitutesUndone,
    UndoSubstitutes,
)
from flowrack.approvals.queries import business_days
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.sales import queries as orders
from flowrack.sales import queries_substitutes
from flowrack.shared.errors import NotFound
from flowrack.shared.money import to_money

router = Router(tags=["allocation"])


class PortionOut(Schema):
    """Units of a substitute for so many of the ordered item; `asks` says what somebody must agree to."""

    item_id: int
    sku: str
    units: int
    replaces: int
    unit_price: Decimal
    is_price_protected: bool
    asks: str
    margin_delta: Decimal | None


class OfferOut(Schema):
    """An offer. The margin is left out for who may not see it."""

    name: str
    original: int
    portions: list[PortionOut]
    backorder: int
    fill_original_pct: Decimal
    fill_pct: Decimal
    margin_delta: Decimal | None


class RejectedOut(Schema):
    """Stock that is not offered, and why."""

    sku: str
    lot: str
    units: int
    why: str


class OffersOut(Schema):
    """What may be sent instead of what a line lacks."""

    line_id: int
    sku: str
    ordered: int
    missing: int
    a: OfferOut
    b: OfferOut | None
    rejected: list[RejectedOut]


class SeenIn(Schema):
    """Units of a substitute as they were offered."""

    item_id: BigId
    units: int = Field(ge=1)


class AcceptSubstituteIn(Schema):
    """The offer, as it was seen."""

    offer: str = Field(max_length=1)
    seen: list[SeenIn] = Field(max_length=200)
    reason: str = Field("", max_length=200)


class AcceptedOut(Schema):
    """The new lines, and what waits for consent."""

    order_id: int
    line_ids: list[int]
    reserved: int
    replaced: int
    pending: int
    approval: str


class ConsentIn(Schema):
    """What a customer says of one item instead of another; `takes` null = nothing any more."""

    customer: str = Field(max_length=40)
    sku: str = Field(max_length=60)
    substitute: str = Field(max_length=60)
    takes: bool | None
    reason: str = Field(max_length=200)


class ConsentOut(Schema):
    """The consent in force; 0 = none."""

    consent_id: int


class FillOut(Schema):
    """Unit fill of orders that were wanted on these days, with the ordered item alone and with substitutes."""

    wanted: int
    original: int
    replaced: int
    fill_original_pct: Decimal
    fill_pct: Decimal


def _offer(offer: Offer, ordered: int, *, shows_margin: bool) -> dict[str, Any]:
    alone, both = fill(ordered, offer.original, offer.replaced)
    delta = offer.margin_delta
    return {
        "name": offer.name,
        "original": offer.original,
        "portions": [
            {
                "item_id": p.edge.item_id,
                "sku": p.edge.sku,
                "units": p.units,
                "replaces": p.replaces,
                "unit_price": p.unit_price,
                "is_price_protected": p.edge.is_price_protected,
                "asks": p.asks,
                "margin_delta": to_money(p.margin_delta) if shows_margin and p.margin_delta is not None else None,
            }
            for p in offer.portions
        ],
        "backorder": offer.backorder,
        "fill_original_pct": alone,
        "fill_pct": both,
        "margin_delta": to_money(delta) if shows_margin and delta is not None else None,
    }


@router.get("/order-lines/{int:line_id}/substitutes", response=OffersOut)
@requires("allocation.view")
def offers(request: HttpRequest, line_id: BigId) -> dict[str, Any]:
    """Offers A and B for a short line, as things stand now."""
    caller = caller_of(request)
    sites = orders.sites_of([orders.order_of_line(line_id)])
    if len(sites) != 1 or caller is None or not caller.may("allocation.view", sites[0]):
        raise NotFound("There is no such order line.")
    today = business_days(sites, now=now())[sites[0]]
    line = queries.short_line(line_id, today)
    assert line is not None, "its order was found"
    found = queries.propose(line, today, now()).offers
    shows = caller.may("sales.see_margin", sites[0])
    return {
        "line_id": line_id,
        "sku": line.need.sku,
        "ordered": line.need.ordered,
        "missing": line.need.missing,
        "a": _offer(found.a, line.need.ordered, shows_margin=shows),
        "b": _offer(found.b, line.need.ordered, shows_margin=shows) if found.b else None,
        "rejected": [r._asdict() for r in found.rejected],
    }


@router.post("/order-lines/{int:line_id}/substitutes", response=AcceptedOut)
def accept(request: HttpRequest, line_id: BigId, body: AcceptSubstituteIn) -> OfferAccepted:
    """Accept an offer as it was seen."""
    seen = [SeenPortion(one.item_id, one.units) for one in body.seen]
    return commands.accept_offer(context_from(request), AcceptOffer(line_id, body.offer, seen, body.reason))


class SubstitutesUndoneOut(Schema):
    """Units of the ordered item that wait again, and units of substitutes that are free again, by their lines."""

    order_id: int
    waits_again: int
    line_ids: list[int]
    freed: list[int]
    called_back_units: int


@router.post("/order-lines/{int:line_id}/substitutes/undo", response=SubstitutesUndoneOut)
def undo(request: HttpRequest, line_id: BigId) -> SubstitutesUndone:
    """Take back all that is sent instead of a line, until it is picked."""
    return commands_undo.undo_substitutes(context_from(request), UndoSubstitutes(line_id))


@router.put("/substitute-consents", response=ConsentOut)
def set_consent(request: HttpRequest, body: ConsentIn) -> ConsentSet:
    """Write down what a customer says of a substitute."""
    req = SetConsent(body.customer, body.sku, body.substitute, body.takes, body.reason)
    return commands.set_consent(context_from(request), req)


@router.get("/fill-rates", response=FillOut)
@requires("allocation.view")
def fill_rates(request: HttpRequest, since: date, until: date) -> dict[str, Any]:
    """Unit fill at the caller's sites with the ordered item alone, and with substitutes."""
    caller = caller_of(request)
    counts = queries_substitutes.fill_of_sites(sorted(caller.sites("allocation.view")) if caller else [], since, until)
    alone, both = fill(counts.wanted, counts.original, counts.replaced)
    return {
        "wanted": counts.wanted,
        "original": counts.original,
        "replaced": counts.replaced,
        "fill_original_pct": alone,
        "fill_pct": both,
    }
