"""Goods between the two sites: on the way, planned with a day, and staged for a truck."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flowrack.integrations.replay import reads
from flowrack.integrations.replay.house import House, Site
from flowrack.integrations.sample import offers
from flowrack.ledger import queries as stock
from flowrack.platform import sql
from flowrack.shared.quantity import Units
from flowrack.storage import queries_claims
from flowrack.storage.commands_staging import stage_released
from flowrack.storage.commands_transfer_plans import plan_transfer, release_transfers
from flowrack.storage.commands_transfers import send_stock
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfer_plans import PlanLine, PlanTransfer, ReleaseTransfers, StageReleased
from flowrack.storage.types_transfers import SendStock

LINES = 5  # of what is on the way
PLANNED, STAGED = 3, 2  # lines of what is planned, and of what is staged
WANTED = 60  # items that are looked at


def leave_transfers(house: House, source: Site, target: Site, at: datetime) -> None:
    """The other site sends what customers wait for here: some is on the way, some waits for its truck there, some is
    planned."""
    wanted = offers.waiting_items(target.site_id, WANTED)
    sent = _send(house, source, target, wanted, at - timedelta(minutes=75))
    free: dict[int, int] = {}
    items = [house.item_ids[sku] for sku, _ in wanted if sku not in sent]
    for (item_id, _), units in reads.free_units(source.site_id, items).items():
        free[item_id] = free.get(item_id, 0) + units
    # What is spare now may be claimed an hour ago, when it is planned: around midnight that is another day.
    for item_id, there in queries_claims.spare(sorted(free), source.site_id, at).items():
        free[item_id] = min(free[item_id], there.units)
    lines = [
        PlanLine(house.item_ids[sku], min(free[house.item_ids[sku]], units))
        for sku, units in wanted
        if sku not in sent and free.get(house.item_ids[sku], 0) > 0
    ]
    _stage(house, source, target, lines[:STAGED], at)
    if lines[STAGED:]:
        req = PlanTransfer(
            source.site_id,
            target.site_id,
            lines[STAGED : STAGED + PLANNED],
            reason="Orders wait for it here",
            takes_promised=True,
        )
        house.do(plan_transfer, "planner", req, key="live:transfer:plan", at=at - timedelta(minutes=16))
    house.tell()


def _send(house: House, source: Site, target: Site, wanted: Sequence[tuple[str, int]], when: datetime) -> set[str]:
    """Sent an hour ago, and on the way; the SKUs."""
    lines: list[StockAt] = []
    sent: set[str] = set()
    for sku, units in wanted:
        places = reads.bins_of(source.site_id, [house.item_ids[sku]])
        for (item_id, lot_id), (location_id, free) in places.items():
            if free > 0 and len(lines) < LINES:
                lines.append(StockAt(location_id, item_id, Units(min(free, units)), lot_id))
                sent.add(sku)
    if lines:
        req = SendStock(source.site_id, target.site_id, lines, "Customers wait for it")
        house.do(send_stock, "warehouse_manager", req, key="live:transfer", at=when)
    house.tell()
    return sent


def _stage(house: House, source: Site, target: Site, lines: Sequence[PlanLine], at: datetime) -> None:
    """Planned, released and staged: it waits for its truck."""
    if not lines:
        return
    req = PlanTransfer(
        source.site_id, target.site_id, list(lines), reason="Goes with the next truck", takes_promised=True
    )
    when = at - timedelta(minutes=70)
    planned = house.do(plan_transfer, "planner", req, key="live:transfer:staged", at=when)
    release = ReleaseTransfers([planned.transfer_id])
    house.do(release_transfers, "planner", release, key="live:transfer:release", at=when + timedelta(minutes=5))
    goods = _goods(source.site_id, planned.transfer_id)
    staging = sql.fetch_value(
        """
        SELECT id FROM locations_location WHERE site_id = %s AND role = 'staged' AND is_active
        ORDER BY kind <> 'staging', id LIMIT 1
        """,
        (source.site_id,),
    )
    staged = StageReleased(planned.transfer_id, staging, goods)
    house.do(stage_released, "picker", staged, key="live:transfer:stage", at=when + timedelta(minutes=30))


def _goods(site_id: int, transfer_id: int) -> list[StockAt]:
    """Where what is kept for a transfer lies, the fullest place first."""
    kept = stock.commitments([f"storage.transfer:{transfer_id}"])
    cells = stock.cells(sorted({one.item_id for one in kept}), site_id)
    lines = []
    for one in kept:
        missing = one.units
        for cell in sorted(cells, key=lambda c: (-c.free, c.cell_id)):
            units = min(missing, cell.free)
            if (
                (cell.item_id, cell.lot_id) == (one.item_id, one.lot_id)
                and units > 0
                and cell.quality == "available"
                and cell.state in ("reserve", "forward_pick")
                and cell.owner_id == one.owner_id
            ):
                lines.append(StockAt(cell.location_id, cell.item_id, Units(units), cell.lot_id, cell.lpn_id))
                missing -= units
    return lines
