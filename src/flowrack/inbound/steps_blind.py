"""Goods without an order: into quarantine, a discrepancy for each line, and the buyer is told."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.catalog import queries as catalog
from flowrack.catalog import steps as lots
from flowrack.inbound import queries_lots, rules, steps
from flowrack.inbound.queries import Dock
from flowrack.inbound.queries_discrepancies import present_costs
from flowrack.inbound.steps_discrepancies import NewDiscrepancy, write_discrepancies
from flowrack.inbound.types import BadCount, CountedLine, LotNeeded, LotOfAnotherItem, NothingCounted
from flowrack.inbound.types_discrepancies import BlindLine, BlindReceived, BlindReceivedEvent, Kind, Outcome
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.locations import steps as locations
from flowrack.platform import photos
from flowrack.platform.runner import Context
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref


def quarantine(
    ctx: Context,
    dock: Dock,
    lines: Sequence[BlindLine],
    *,
    supplier_id: int,
    reason: str,
    asn_lines: Sequence[int] = (),
) -> BlindReceived:
    """Post lines from SUPPLIER to the dock place in quality quarantine, at the items' present unit costs: nobody agreed
    on a price, but units worth nothing would make all others cheaper. An order that they are put on says the price.

    `asn_lines` names, in the same order, the ASN lines that announced them. Emits inbound.received_blind. Refuses with
    NothingCounted, BadCount, LotNeeded, and with the catalogue's LotRefused or the locations' LpnRefused.
    """
    if not lines:
        raise NothingCounted("Nothing was counted.", fix="Scan or type at least one line.")
    photos.refuse_missing([p for line in lines for p in line.photos])
    skus = _refuse_faults(lines)
    lot_ids = lots.ensure_lots([(line.item_id, line.lot.strip(), line.expires_on) for line in lines])
    lpn_ids = locations.ensure_lpns(dock.site_id, [line.lpn for line in lines])
    costs = present_costs(sorted(skus), dock.site_id)
    posting = ledger.post(
        ctx,
        [
            Move(
                item_id=line.item_id,
                units=line.units,
                source=Place(dock.supplier_location_id),
                target=Place(dock.location_id, lpn_id, "quarantine"),
                reason="RECEIPT",
                lot_id=lot_id,
                value=to_money(costs[line.item_id] * line.units),
                origin=ref("locations.location", dock.location_id),
            )
            for line, lot_id, lpn_id in zip(lines, lot_ids, lpn_ids, strict=True)
        ],
    )
    made = write_discrepancies(
        ctx,
        [
            NewDiscrepancy(
                site_id=dock.site_id,
                supplier_id=supplier_id,
                kind=Kind.NO_PO,
                reason=f"{line.units} of {skus[line.item_id]}: {reason.strip() or 'no order is known for them'}.",
                units=line.units,
                value=to_money(costs[line.item_id] * line.units),
                outcome=Outcome.HOLD,
                asn_line_id=asn_lines[n] if asn_lines else 0,
                item_id=line.item_id,
                location_id=dock.location_id,
                lot_id=lot_id,
                lpn=line.lpn,
                posting_id=posting.posting_id,
                move_id=move_id,
                photos=line.photos,
            )
            for n, (line, lot_id, move_id) in enumerate(zip(lines, lot_ids, posting.move_ids, strict=True))
        ],
    )
    ids = [discrepancy_id for discrepancy_id, _ in made]
    ctx.subject = ref("inbound.discrepancy", ids[0])
    ctx.emit(BlindReceivedEvent(dock.site_id, supplier_id, posting.posting_id, ids))
    return BlindReceived(posting.posting_id, ids, [number for _, number in made])


def refuse_lots_of_others(lines: Sequence[BlindLine]) -> None:
    """Refuse a lot that only another item is known to have, unless somebody looked at the label again."""
    doubtful = [n for n, line in enumerate(lines) if line.lot.strip() and not line.is_lot_confirmed]
    found = (
        queries_lots.lots_of_others([(lines[n].item_id, lines[n].lot.strip()) for n in doubtful]) if doubtful else []
    )
    if not found:
        return
    items = catalog.items({lines[doubtful[n]].item_id for n, _ in found})
    bad = [
        steps.lot_of_other(doubtful[n] + 1, line.lot.strip(), sku, items[line.item_id].sku)
        for n, sku in found
        if (line := lines[doubtful[n]]).item_id in items
    ]
    if bad:
        raise LotOfAnotherItem(bad[0].message, lines=bad, fix=bad[0].fix)


def _refuse_faults(lines: Sequence[BlindLine]) -> dict[int, str]:
    """Refuse counts that make no sense; the SKU of each item."""
    items = catalog.items({line.item_id for line in lines})
    bad = [
        BadLine(n, "item", f"There is no item {line.item_id}.", "Scan the item again.")
        for n, line in enumerate(lines, start=1)
        if line.item_id not in items
    ]
    bad += rules.faults([CountedLine(units=x.units, expires_on=x.expires_on, produced_on=x.produced_on) for x in lines])
    if bad:
        raise BadCount(bad[0].message, lines=bad, fix=bad[0].fix)
    needed, bad = rules.tracking_faults(
        [(x.item_id, items[x.item_id].sku, items[x.item_id].tracking, x.lot, x.units) for x in lines]
    )
    if needed:
        raise LotNeeded(needed[0].message, lines=needed + bad, fix=needed[0].fix)
    if bad:
        raise BadCount(bad[0].message, lines=bad, fix=bad[0].fix)
    return {item_id: row.sku for item_id, row in items.items()}
