"""Receive by scan without a reference: the item, how many, and the pallet; it waits in quarantine for the buyer."""

from __future__ import annotations

from datetime import date

from flowrack.catalog import queries as catalog
from flowrack.inbound import commands, commands_packs
from flowrack.inbound.queries import ScannedItem
from flowrack.inbound.types import TakeBack
from flowrack.inbound.types_discrepancies import BlindLine, BlindReceived, ReceiveBlind
from flowrack.platform.web.scan import OK, Visit, WrongScan
from flowrack.purchasing import queries as purchasing
from flowrack.shared.gs1 import Gs1Scan
from flowrack.shared.quantity import Units

TICKS = 5


def item_of(code: str, label: Gs1Scan) -> tuple[ScannedItem, int, str]:
    """The one item that a code means, as if an order owed none of it; units of a pack; the serial that the code is."""
    hits = [hit for found in catalog.find_codes(label.codes).values() for hit in found]
    if not hits:
        raise WrongScan(f"No item has the code “{code[:40]}”.", "Set it aside and ask the buyer.")
    if len({hit.item_id for hit in hits}) > 1:
        raise WrongScan("Several items have that code.", "Scan or type the SKU.")
    hit = hits[0]
    item = catalog.items([hit.item_id])[hit.item_id]
    line = ScannedItem(0, "", "", hit.item_id, hit.sku, item.name, item.tracking, item.has_expiry, 0)
    return line, hit.factor, code if hit.lot_id and hit.kind == "serial" else ""


def book(visit: Visit, lpn: str, units: int, reason: str = "") -> BlindReceived:
    """Into quarantine; within an order's receipt, the order's supplier is put on record. Undo takes it back."""
    state = visit.state
    count = state["count"]
    supplier_id = purchasing.po(state["po"]).head.supplier_id if state.get("po") else 0
    held = commands_packs.receive_blind(
        visit.ctx(),
        ReceiveBlind(
            location_id=state["place"],
            lines=[
                BlindLine(
                    item_id=count["item"],
                    units=Units(units),
                    lot=count["lot"],
                    expires_on=date.fromisoformat(count["expires"]) if count["expires"] else None,
                    produced_on=date.fromisoformat(count["made"]) if count.get("made") else None,
                    lpn=lpn,
                    is_lot_confirmed=count["sure"],
                )
            ],
            supplier_id=supplier_id,
            reason=reason,
        ),
    )
    text = f"{units:,} × {count['sku']}"
    state["ticks"] = [[text, "held for the buyer", "warn"], *state.get("ticks", [])][:TICKS]
    state.update(problem_at=held.discrepancy_ids[0], last_blind=[held.posting_id, text])
    return held


def undo(visit: Visit) -> str:
    """Take the last goods without an order back."""
    posting_id, _ = visit.state.pop("last_blind")
    commands.take_back(visit.ctx(), TakeBack(posting_id))
    visit.state["ticks"] = visit.state["ticks"][1:]
    visit.state.pop("problem_at", None)
    return OK
