"""From which site orders ship, for other systems: how each could send them, and what a person decides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from flowrack.allocation.queries_sites import company_rules
from flowrack.allocation.reasons_sites import sentence
from flowrack.allocation.rules_sites import Plan, SitesCase, choose
from flowrack.locations import queries as places
from flowrack.platform.apipages import BigId
from flowrack.platform.http import answers, caller_of, context_from, now, requires
from flowrack.promise import commands_sites, queries, queries_grounds, queries_sites, steps_move_preview
from flowrack.promise.types_sites import LinesSourced, MoveLines, MoveUnits
from flowrack.sales.types import OrderNotFound
from flowrack.sales.types_changes import Preview

router = Router(tags=["promise"])
UNKNOWN_SITE = -1


class PortionOut(Schema):
    """Units of a line that a site would send, and when they are there; no day where nobody can say."""

    line_id: int
    site: str
    units: int
    arrives_on: date | None
    days_late: int


class WayOut(Schema):
    """One way to send an order. `money` is freight and split, for those who may see freight."""

    portions: list[PortionOut]
    shipments: int
    arrives_on: date | None
    money: Decimal | None


class ShipFromOut(Schema):
    """How an order could be sent: the way of the rules with its sentence, and the others in the order of their sums."""

    order_id: int
    site_id: int
    any_site: bool
    sentence: str
    ways: list[WayOut]


class MoveUnitsIn(Schema):
    """A line, and how many units of it; all that is in no picker's hands where none are named."""

    line_id: BigId
    units: int | None = Field(None, ge=1, le=2**40)


class ShipFromIn(Schema):
    """From where lines are to ship, and why; all lines of the order where none are named."""

    site: str = Field(max_length=20, description="code of the site")
    lines: list[MoveUnitsIn] = Field([], max_length=1000)
    reason: str = Field(max_length=200)


class MovedOut(Schema):
    """Where lines ship from now: in the order itself, or in one beside it."""

    order_id: int
    number: str
    site_id: int
    line_ids: list[int]
    from_line_ids: list[int]
    unpromised_units: int


class LinesMovedOut(Schema):
    """What moved."""

    moved: list[MovedOut]


class MovePreviewOut(Schema):
    """What moving lines would do, in sentences."""

    consequences: list[str]


@router.get("/orders/{int:order_id}/ship-from", response=ShipFromOut)
@requires("promise.view")
def ways(request: HttpRequest, order_id: BigId) -> dict[str, Any]:
    """How an order that is not in picking could be sent, by the company's rules, as things stand now."""
    caller = caller_of(request)
    found = queries_sites.movable([order_id])
    sites = caller.sites("promise.view") if caller else frozenset()
    if not found or not {0, found[0].site_id} & sites or not found[0].lines:
        raise OrderNotFound("Nothing of this order can ship from elsewhere.", fix="Open the order again.")
    [order] = found
    case = queries_grounds.case_of(order, queries.selling_sites(), now(), company_rules(), home=0)
    choice = choose(case)
    sees = bool(caller and caller.may("promise.see_freight", order.site_id))
    plans = [choice.plan, *choice.others] if choice else []
    return {
        "order_id": order_id,
        "site_id": order.site_id,
        "any_site": order.any_site,
        "sentence": sentence(case, choice, queries_sites.words()) if choice else "No site may send it.",
        "ways": [_way(case, plan, sees=sees) for plan in plans],
    }


def _way(case: SitesCase, plan: Plan, *, sees: bool) -> WayOut:
    codes = {one.site_id: one.code for one in case.sites}
    portions = [
        PortionOut(
            line_id=case.wants[one.line].line_id, site=codes[one.site_id], units=one.units, arrives_on=one.on,
            days_late=one.late if one.on else 0,
        )
        for one in plan.portions
    ]  # fmt: skip
    money = Decimal(plan.money) / 100 if sees else None
    return WayOut(portions=portions, shipments=len(plan.sites), arrives_on=plan.on, money=money)


@router.post("/orders/{int:order_id}/ship-from", response=LinesMovedOut)
@requires("promise.move")
def move(request: HttpRequest, order_id: BigId, body: ShipFromIn) -> LinesSourced:
    """Let lines of an order ship from another site: its promises are given back, and it is promised anew there."""
    return commands_sites.move_lines(context_from(request), _asked(order_id, body))


@router.post("/orders/{int:order_id}/ship-from/preview", response=MovePreviewOut)
@requires("promise.move")
@answers
def preview_move(request: HttpRequest, order_id: BigId, body: ShipFromIn) -> Preview:
    """What it would do: days, freight, stock that is given back. Refuses what moving would refuse."""
    return steps_move_preview.preview(context_from(request), commands_sites.move_lines, _asked(order_id, body))


def _asked(order_id: int, body: ShipFromIn) -> MoveLines:
    site_id = next((site.site_id for site in places.sites() if site.code == body.site.strip().upper()), UNKNOWN_SITE)
    lines = [MoveUnits(one.line_id, one.units) for one in body.lines]
    return MoveLines(order_id, lines, site_id, body.reason)
