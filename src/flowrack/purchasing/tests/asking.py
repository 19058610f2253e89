"""Builders for tests of requisitions: May asks, Ed decides in the inbox."""

from __future__ import annotations

from datetime import date

from tests.cast import ED, MAY, ctx
from tests.supply import House, house, item, sells, supplier

from flowrack.approvals import commands as approvals
from flowrack.approvals.queries import standing
from flowrack.approvals.types import Decide, Seen
from flowrack.platform import sql
from flowrack.platform.outbox import drain
from flowrack.purchasing import commands_requisitions
from flowrack.purchasing.types_requisitions import (
    CreateRequisitions,
    NewRequisition,
    NewRequisitionLine,
    RequisitionCreated,
)
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

WANTED = date(2026, 3, 16)


def line(item_id, units, wanted_on=WANTED, supplier_id=None) -> NewRequisitionLine:
    """Units of an item, wanted on 16 March."""
    return NewRequisitionLine(item_id, Units(units), wanted_on, supplier_id)


def ask(site, *lines, reason="for the trade fair", cover_reason="", by=MAY) -> RequisitionCreated:
    """May asks for lines."""
    req = CreateRequisitions([NewRequisition(site, list(lines), reason, cover_reason)])
    return commands_requisitions.create_requisition(ctx(by), req).requisitions[0]


def decide(made, verdict="approve", by=ED, reason="") -> None:
    """Ed decides in the inbox, and purchasing hears of it."""
    found = standing([ref("purchasing.requisition", made.requisition_id)], "purchasing.requisition")
    [one] = found.values()
    approvals.decide(ctx(by), Decide([Seen(one.request_id, one.content_hash)], verdict, reason))
    drain()


def state(made) -> str:
    """Where a requisition stands."""
    return str(sql.fetch_value("SELECT state FROM purchasing_requisition WHERE id = %s", (made.requisition_id,)))


def scene() -> tuple[House, int, int, int, int, int]:
    """A site; A sells hoses by tens, B taps, nobody nuts."""
    here, a, b = house(), supplier("A"), supplier("B")
    hose, tap, nut = item("V-200"), item("TAP"), item("NUT")
    sells(a, hose, "4", multiple=10)
    sells(b, tap, "2")
    return here, a, b, hose, tap, nut
