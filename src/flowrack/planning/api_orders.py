"""The order builder for other systems: a preview, and the draft."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from flowrack.planning import commands_orders as commands
from flowrack.planning import queries_orders as queries
from flowrack.planning.types_orders import BuildOrder, OrderBuilt
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.shared.errors import NotPermitted

router = Router(tags=["planning"])


class BuildIn(Schema):
    """For whom; `seen` is the fingerprint of the preview that was looked at, `cover_reason` why to buy on top."""

    supplier_id: BigId
    site_id: BigId
    max_cover_days: int = 180
    seen: str = ""
    cover_reason: str = ""


class BuiltLineOut(Schema):
    """A line: what was needed, what was added, and what that buys."""

    item_id: int
    sku: str
    units: int
    needed: int
    filled: int
    unit_cost: Decimal
    value: Decimal
    position: int
    cover_days: int | None
    sentence: str


class PreviewOut(Schema):
    """What would be ordered; `share_pct` is that of the minimum that binds."""

    lines: list[BuiltLineOut]
    value: Decimal
    weight_g: int
    volume_ml: int
    share_pct: int
    is_reached: bool
    sentence: str
    passed_over: list[tuple[str, str]]
    proposal_ids: list[int]
    fingerprint: str


class OrderBuiltOut(Schema):
    """The draft, and how far it is of the supplier's minimum."""

    po_id: int
    number: str
    total: Decimal
    share_pct: int
    is_reached: bool
    proposal_ids: list[int]


@router.get("/supplier-orders/preview", response=PreviewOut)
@requires("purchasing.create")
def preview_order(
    request: HttpRequest, supplier_id: BigId, site_id: BigId, max_cover_days: int = 180
) -> dict[str, Any]:
    """What would be ordered of a supplier for a site: its proposals, filled to the minimum."""
    caller = caller_of(request)
    if caller is None or not caller.may("purchasing.create", site_id):
        raise NotPermitted("You may not order for this site.", permission="purchasing.create")
    days = max(1, min(max_cover_days, 999))
    order = queries.built_order(supplier_id, site_id, now=now(), max_cover_days=days)
    built = order.built
    return {
        **{name: getattr(built, name) for name in ("lines", "value", "weight_g", "volume_ml", "share_pct")},
        "is_reached": built.is_reached,
        "sentence": built.sentence,
        "passed_over": list(built.passed_over),
        "proposal_ids": list(order.proposals.values()),
        "fingerprint": order.fingerprint,
    }


@router.post("/supplier-orders", response={201: OrderBuiltOut})
@requires("purchasing.create")
def build_order(request: HttpRequest, body: BuildIn) -> Status[OrderBuilt]:
    """Draft one order for what is proposed, filled up to the supplier's minimum."""
    req = BuildOrder(body.supplier_id, body.site_id, body.max_cover_days, body.seen, body.cover_reason[:200])
    return Status(201, commands.build_order(context_from(request), req))
