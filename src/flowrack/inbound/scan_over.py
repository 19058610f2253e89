"""Receive by scan, more than the order and its tolerance take: a supervisor may be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowrack.inbound import commands_over, queries, queries_over, scan_blind
from flowrack.inbound.types import Receive, Received
from flowrack.inbound.types_discrepancies import NotTolerated
from flowrack.inbound.types_over import AskOverReceipt
from flowrack.platform.runner import Context
from flowrack.platform.web.scan import OK, Visit
from flowrack.purchasing.types import OverReceipt
from flowrack.shared.quantity import Units

TICKS = 5


def receive(visit: Visit, req: Receive, book: Callable[[Context, Receive], Received]) -> Received | None:
    """Book the count; None when the order and its tolerance take fewer units: then a supervisor may be asked."""
    state = visit.state
    state.pop("over", None)
    try:
        return book(visit.ctx(), req)
    except (OverReceipt, NotTolerated) as refusal:
        fits = queries.most_of_item(req.po_id, req.lines[0].item_id)
        beyond = req.lines[0].units - fits
        if beyond <= 0:
            raise
        state["over"] = {"units": beyond, "fits": fits, "why": refusal.message}
        return None


def too_many_of_pack(state: dict[str, Any], sscc: str, why: str) -> bool:
    """Keep what of a pallet is too much for its orders, so that a supervisor may be asked; False when nothing is."""
    found = queries_over.of_pack(sscc)
    if found:
        state["over_pack"] = {
            "sscc": sscc,
            "why": why,
            "lines": [[x.po_id, x.item_id, x.units, x.po_line_id, x.sku] for x in found],
        }
    return bool(found)


def _ask_pack(visit: Visit, over: dict[str, Any]) -> str:
    """Whether what of a pallet is too much may come in; the pallet waits, uncounted, until somebody has said yes."""
    state = visit.state
    for n, (po_id, item_id, units, po_line_id, sku) in enumerate(over["lines"]):
        req = AskOverReceipt(po_id, item_id, Units(units), f"on pallet {over['sscc']}", po_line_id)
        asked = commands_over.ask_over_receipt(visit.ctx(f"over{n}"), req)
        end = "allowed, scan the pallet again" if asked.state == "allowed" else f"asked, {asked.approval}"
        state["ticks"] = [[f"{units:,} × {sku} too many", end, "wait"], *state.get("ticks", [])][:TICKS]
    return OK


def aside(visit: Visit) -> str:
    """What the order does not take waits in quarantine for the buyer; what it takes is still to be booked."""
    state = visit.state
    over, count = state.pop("over", None), state.get("count")
    if over is None or count is None:
        return ""
    scan_blind.book(visit, "", over["units"], f"more than {state['number']} takes")
    if over["fits"] > 0:
        count["units"] = over["fits"]
    else:
        state.pop("count")
    return OK


def ask(visit: Visit) -> str:
    """Whether what is too much may come in; it is set aside until somebody has said yes."""
    state = visit.state
    pack = state.pop("over_pack", None)
    if pack is not None:
        return _ask_pack(visit, pack)
    over, count = state.pop("over", None), state.get("count")
    if over is None or count is None:
        return ""
    asked = commands_over.ask_over_receipt(
        visit.ctx(), AskOverReceipt(state["po"], count["item"], Units(over["units"]), "counted at the dock")
    )
    end = "allowed, scan again" if asked.state == "allowed" else f"asked, {asked.approval}"
    state["ticks"] = [[f"{over['units']:,} × {count['sku']} too many", end, "wait"], *state.get("ticks", [])][:TICKS]
    if over["fits"] > 0:
        count["units"] = over["fits"]
    else:
        state.pop("count")
    return OK
