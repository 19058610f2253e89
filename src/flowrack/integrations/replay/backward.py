"""What comes back, gets lost and is counted on a simulated day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from flowrack.counting.commands import (
    approve_variances,
    ask_recount,
    enter_count,
    finish_count,
    open_count,
    plan_counts,
)
from flowrack.counting.types import (
    ApproveVariances,
    AskRecount,
    EnterCount,
    FinishCount,
    OpenCount,
    PlanCounts,
    SeenLine,
)
from flowrack.integrations.replay import reads, rules
from flowrack.integrations.replay.house import House, Site, moment
from flowrack.integrations.replay.reads import SoldLine
from flowrack.integrations.replay.types import SimLoss, SimReturn
from flowrack.returns.commands import dispose, receive_blind
from flowrack.returns.types import BlindLine, Dispose, ReceiveBlind, Split
from flowrack.storage.commands import adjust_stock
from flowrack.storage.types import Adjustment, AdjustStock

SCRAP_UNDER = Decimal(400)
PLANNING_DAY = 0  # counts are planned on Mondays, for the week


def come_back(house: House, on: date, returns: Sequence[SimReturn]) -> None:
    """Cancelled goods come back, customer by customer, as far as they were really sent."""
    wanted = sorted({(r.customer, r.sale, r.sku) for r in returns})
    if not wanted:
        return
    sold = reads.sold_lines(wanted)
    left = {line.order_line_id: line.returnable for line in sold}
    in_lot = {(line.order_line_id, line.lot_id): line.units for line in sold}
    by_sale: dict[tuple[str, str, str], list[SoldLine]] = {}
    for line in sold:
        by_sale.setdefault((line.customer, line.reference, line.sku), []).append(line)
    arrivals: list[tuple[str, int, BlindLine]] = []
    for back in returns:
        missing = back.units
        for line in by_sale.get((back.customer, back.sale, back.sku), []):
            units = min(missing, left[line.order_line_id], in_lot[line.order_line_id, line.lot_id])
            if units <= 0:
                continue
            left[line.order_line_id] -= units
            in_lot[line.order_line_id, line.lot_id] -= units
            missing -= units
            condition = _condition(house, back, units)
            arrivals.append(
                (
                    back.customer,
                    line.site_id,
                    BlindLine(line.item_id, units, condition, line.lot_id, order_line_id=line.order_line_id),
                )
            )
        house.tally.unreturnable_units += missing
    _receive(house, on, arrivals)


def _condition(house: House, back: SimReturn, units: int) -> str:
    """As new mostly; worthless only when it is not worth a manager's signature."""
    verdict = rules.disposition(house.settings.seed, back.reference, back.sku)
    if verdict == "scrap" and house.world.items[back.sku].unit_cost * units > SCRAP_UNDER:
        verdict = "damaged"
    return {"restock": "A", "damaged": "C", "scrap": "D"}[verdict]


def _receive(house: House, on: date, arrivals: Sequence[tuple[str, int, BlindLine]]) -> None:
    review = {site.site_id: site.review_id for site in house.sites}
    ordered = sorted(arrivals, key=lambda a: (a[0], a[1]))
    for number, ((customer, site_id), of) in enumerate(groupby(ordered, key=lambda a: (a[0], a[1]))):
        lines = [line for _, _, line in of]
        request = ReceiveBlind(site_id, house.customer_ids[customer], review[site_id], "changed_mind", lines)
        house.do(
            receive_blind,
            "returns_clerk",
            request,
            key=f"{on}:back:{customer}:{site_id}",
            at=moment(on, 14, min(59, number)),
        )
        house.tally.returned_units += sum(line.units for line in lines)
    house.tell()


def decide(house: House, on: date) -> None:
    """The inspector follows the proposals; sound goods go to a bin of their kind, else to an empty one."""
    for site in house.sites:
        waiting = reads.waiting_returns(site.site_id)
        if not waiting:
            continue
        bins = reads.bins_of(site.site_id, [w.item_id for w in waiting])
        kinds = {(w.item_id, w.lot_id) for w in waiting if w.proposal == "restock"}
        homeless = sorted(kinds - bins.keys())
        homes = dict(zip(homeless, reads.empty_bins(site.site_id, len(homeless)), strict=False))
        splits = []
        for w in waiting:
            target = 0
            if w.proposal == "restock":
                kind = (w.item_id, w.lot_id)
                target = bins[kind][0] if kind in bins else homes.get(kind, site.docks[0])
            splits.append(Split(w.returned_lot_id, w.units, w.proposal, target))
        house.do(dispose, "qc_inspector", Dispose(splits), key=f"{on}:decide:{site.code}", at=moment(on, 15, 30))
    house.tell()


def get_lost(house: House, on: date, losses: Sequence[SimLoss]) -> None:
    """Write-offs of the history are lost stock, as far as it is there and nobody was promised it."""
    site = house.sites[0]
    wanted: dict[int, int] = {}
    for loss in losses:
        if loss.sku in house.item_ids and loss.units < 0:
            item_id = house.item_ids[loss.sku]
            wanted[item_id] = wanted.get(item_id, 0) - loss.units
    if not wanted or house.is_done(f"{on}:lost"):
        return
    bins = reads.bins_of(site.site_id, list(wanted))
    free = reads.free_units(site.site_id, list(wanted))
    lots = {(item_id, lot_id): reads.lot_code(lot_id) for item_id, lot_id in bins}
    lines = []
    for item_id in sorted(wanted):
        missing = wanted[item_id]
        for kind in sorted(k for k in bins if k[0] == item_id):
            bin_id, loose = bins[kind]
            units = min(missing, loose, free.get(kind, 0))
            if units > 0:
                lines.append(Adjustment(bin_id, item_id, -units, lot=lots[kind]))
                missing -= units
        house.tally.lost_units += wanted[item_id] - missing
        house.tally.unlosable_units += missing
    if lines:
        request = AdjustStock(site.site_id, lines, reason="lost", note="Write-off of the day")
        house.do(adjust_stock, "warehouse_manager", request, key=f"{on}:lost", at=moment(on, 19))
    house.tell()


def count(house: House, on: date) -> None:
    """On Mondays the week's counts are planned; every day a few bins are counted blind, differences twice."""
    for site in house.sites:
        if on.weekday() == PLANNING_DAY:
            plan = PlanCounts(site.site_id, limit=house.settings.counts_a_day * 6)
            key = f"{on}:plan-counts:{site.code}"
            house.do(plan_counts, "inventory_controller", plan, key=key, at=moment(on, 19, 30))
        limit = house.settings.counts_a_day
        for task_id, code, bin_id, state in reads.count_tasks(site.site_id, moment(on, 19, 30), limit):
            if state != "posted":
                _count_bin(house, site, on, task_id=task_id, code=code, bin_id=bin_id)
    house.tell()


def _count_bin(house: House, site: Site, on: date, *, task_id: int, code: str, bin_id: int) -> None:
    key, at = f"{on}:count:{site.code}:{code}", moment(on, 19, 40)
    opened = house.do(open_count, "picker", OpenCount(task_id), key=f"{key}:open", at=at)
    seen = _seen(house, site, on, code=code, bin_id=bin_id)
    if seen:
        house.do(enter_count, "picker", EnterCount(opened.count_id, seen), key=f"{key}:enter", at=at)
    house.do(finish_count, "picker", FinishCount(opened.count_id, empty=True), key=f"{key}:finish", at=at)
    house.tally.counted_bins += 1
    if not reads.open_variances(task_id):
        return
    house.do(ask_recount, "inventory_controller", AskRecount(task_id), key=f"{key}:ask", at=at)
    again = house.do(open_count, "packer", OpenCount(task_id), key=f"{key}:open2", at=at)
    if seen:
        house.do(enter_count, "packer", EnterCount(again.count_id, seen), key=f"{key}:enter2", at=at)
    house.do(finish_count, "packer", FinishCount(again.count_id, empty=True), key=f"{key}:finish2", at=at)
    for approver in ("count_supervisor", "finance_controller"):
        if reads.open_variances(task_id):
            request = ApproveVariances(task_id, "miscount")
            house.do(approve_variances, approver, request, key=f"{key}:{approver}", at=at)


def _seen(house: House, site: Site, on: date, *, code: str, bin_id: int) -> list[SeenLine]:
    """What really lies in the bin: the books, less what pickers missed there, give or take a slip now and then."""
    missing = reads.missing_at_picks(site.site_id, bin_id, moment(on, 0))
    lines = []
    for item_id, sku, lot_id, lpn_id, _, quality, units in reads.stock_in_bin(bin_id):
        luck = rules.throw(house.settings.seed, on, code, sku, "count")
        off = 0
        if missing.get(item_id):
            off = -missing.pop(item_id)
        elif luck < 250:
            off = rules.between(house.settings.seed, -3, 2, on, code, sku, "off")
        lines.append(SeenLine(item_id, max(0, units + off), lot_id, lpn_id, quality))
    return lines
