"""The door of goods that belong to others: they come, they leave with their owner, and what he is charged."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.catalog import queries as catalog
from flowrack.catalog import steps as lots
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import OWN, Move, Place
from flowrack.locations import queries as locations
from flowrack.locations import steps as plates
from flowrack.locations.types import LocationRow
from flowrack.parties import queries as parties
from flowrack.platform import sql
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref
from flowrack.storage.types import StockMoved
from flowrack.storage.types_custody import (
    IN,
    OUT,
    BadCustody,
    CustodyLine,
    CustodyMoved,
    CustodyRatesSet,
    GiveBack,
    SetCustodyRates,
    TakeIn,
)

OUTSIDE = "CUSTOMER"


@command(permission="storage.custody", result=CustodyMoved)
def take_in(ctx: Context, req: TakeIn) -> CustodyMoved:
    """Goods of another owner come into the house: his from the first cell on, never ours, without a value.

    Posts CUSTODY_IN outside -> place; emits storage.moved. Refuses with BadCustody, naming every bad line, and with the
    ledger's refusals.
    """
    ctx.require("storage.custody", req.site_id)
    owner_id, items, places = _known(req.site_id, req.owner, req.lines)
    lot_ids = lots.ensure_lots([(items[line.item], line.lot, line.expires_on) for line in req.lines])
    lpn_ids = plates.ensure_lpns(req.site_id, [line.pallet for line in req.lines])
    outside = Place(locations.virtual(req.site_id, OUTSIDE))
    moves = [
        Move(items[line.item], line.units, outside, Place(places[line.place].location_id, lpn_id), IN, lot_id, owner_id)
        for line, lot_id, lpn_id in zip(req.lines, lot_ids, lpn_ids, strict=True)
    ]
    return _post(ctx, req.site_id, owner_id, moves)


@command(permission="storage.custody", result=CustodyMoved)
def give_back(ctx: Context, req: GiveBack) -> CustodyMoved:
    """Goods of another owner leave with him.

    Posts CUSTODY_OUT place -> outside; emits storage.moved. Refuses with BadCustody, naming every bad line, and with
    the ledger's InsufficientStock.
    """
    ctx.require("storage.custody", req.site_id)
    owner_id, items, places = _known(req.site_id, req.owner, req.lines)
    lot_ids = lots.ensure_lots([(items[line.item], line.lot, line.expires_on) for line in req.lines])
    lpn_ids = plates.ensure_lpns(req.site_id, [line.pallet for line in req.lines])
    outside = Place(locations.virtual(req.site_id, OUTSIDE))
    moves = [
        Move(
            items[line.item], line.units, Place(places[line.place].location_id, lpn_id), outside, OUT, lot_id, owner_id
        )
        for line, lot_id, lpn_id in zip(req.lines, lot_ids, lpn_ids, strict=True)
    ]
    return _post(ctx, req.site_id, owner_id, moves)


def _post(ctx: Context, site_id: int, owner_id: int, moves: list[Move]) -> CustodyMoved:
    posting = ledger.post(ctx, moves)
    ctx.subject = ref("parties.party", owner_id)
    ctx.emit(StockMoved(site_id, posting.posting_id, sorted({move.item_id for move in moves})))
    return CustodyMoved(posting.posting_id, sum(move.units for move in moves))


def _known(
    site_id: int, owner: str, lines: Sequence[CustodyLine]
) -> tuple[int, dict[str, int], dict[str, LocationRow]]:
    """Owner, items and places by code; refuses with all that is wrong."""
    found = parties.find_by_code([owner]).get(owner)
    items = catalog.item_ids([line.item for line in lines])
    places = locations.find_by_code(site_id, [line.place for line in lines])
    bad = []
    if found is None or not found.is_owner or found.party_id == OWN:
        fix = (
            "Enter him under Owners first." if found is None or found.party_id != OWN else "Our own goods are received."
        )
        bad.append(BadLine(0, "owner", f"“{owner}” is no other owner of goods.", fix))
    if not lines:
        bad.append(BadLine(0, "lines", "No goods are named.", "Name at least one line."))
    for n, line in enumerate(lines, 1):
        if line.item not in items:
            bad.append(BadLine(n, "item", f"There is no item “{line.item}”.", "Check the SKU."))
        if line.units <= 0:
            bad.append(BadLine(n, "units", f"{line.units} units make no sense.", "Enter 1 or more."))
        if line.place not in places:
            bad.append(BadLine(n, "place", f"The site has no place “{line.place}”.", "Scan its label."))
    tracked = catalog.items(items.values())
    for n, line in enumerate(lines, 1):
        if line.item in items and tracked[items[line.item]].tracking != "none" and not line.lot:
            bad.append(BadLine(n, "lot", f"{line.item} is traced by lot or serial.", "Name the lot on the goods."))
    if bad or found is None:
        raise BadCustody(bad[0].message, lines=bad, fix=bad[0].fix)
    return found.party_id, items, places


@command(permission="storage.custody_rates", result=CustodyRatesSet)
def set_custody_rates(ctx: Context, req: SetCustodyRates) -> CustodyRatesSet:
    """What an owner is charged from a day on; rates of the same day are replaced. Refuses with BadCustody."""
    found = parties.find_by_code([req.owner]).get(req.owner)
    bad = []
    if found is None or not found.is_owner or found.party_id == OWN:
        bad.append(BadLine(0, "owner", f"“{req.owner}” is no other owner of goods.", "Enter him under Owners first."))
    for name in ("pallet_day", "pallet_in", "pallet_out"):
        if getattr(req, name) < 0:
            bad.append(BadLine(0, name, "A charge cannot be negative.", "0 = nothing is charged."))
    if bad or found is None:
        raise BadCustody(bad[0].message, lines=bad, fix=bad[0].fix)
    ctx.subject = ref("parties.party", found.party_id)
    made = sql.fetch_value(
        """
        INSERT INTO storage_custodyrates (owner_id, valid_from, pallet_day, pallet_in, pallet_out, set_by_id, set_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (owner_id, valid_from) DO UPDATE SET pallet_day = excluded.pallet_day,
            pallet_in = excluded.pallet_in, pallet_out = excluded.pallet_out, set_by_id = excluded.set_by_id,
            set_at = excluded.set_at
        RETURNING id
        """,
        (
            found.party_id, req.valid_from, req.pallet_day, req.pallet_in, req.pallet_out, ctx.actor_id, ctx.now,
        ),
    )  # fmt: skip
    return CustodyRatesSet(int(made))
