"""What is left to do when the sample company is opened: work in every stage, made by the same commands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flowrack.counting.commands import enter_count, finish_count, open_count, plan_counts
from flowrack.counting.types import EnterCount, FinishCount, OpenCount, PlanCounts, SeenLine
from flowrack.fulfilment import queries_lists, queries_packing
from flowrack.fulfilment.commands import (
    change_tote,
    confirm_picks,
    pack_orders,
    release_orders,
    set_carts,
    set_pick_rules,
    short_pick,
    take_list,
    use_cart,
)
from flowrack.fulfilment.states import UnitKind
from flowrack.fulfilment.types import ConfirmPicks, NothingToRelease, Pack, PackOrders, Pick, ReleaseOrders, ShortPick
from flowrack.fulfilment.types_lists import CartOf, ChangeTote, PickRule, SetCarts, SetPickRules, TakeList, UseCart
from flowrack.inbound.commands_packs import receive_pack
from flowrack.inbound.types_discrepancies import PackLine, ReceivePack
from flowrack.integrations.replay import freight, packing, reads
from flowrack.integrations.replay.house import House, Site
from flowrack.integrations.replay.packing import CARTONS
from flowrack.integrations.replay.reads import DueLine
from flowrack.integrations.sample import (
    addresses,
    bills,
    calendars,
    doors,
    drafts,
    labelled,
    loads,
    offers,
    plans,
    purchases,
    quality,
    refills,
    scanners,
    sites,
    transfers,
    waves,
    works,
)
from flowrack.integrations.sample import reads as found
from flowrack.locations import queries as locations
from flowrack.locations.commands import make_totes
from flowrack.locations.types import MakeTotes
from flowrack.returns.commands import receive_blind
from flowrack.returns.types import BlindLine, ReceiveBlind

COUNTS_DUE = 12
RETURNS = 4
PACKED, AT_THE_DOOR = 6, 3  # orders that are packed, and of them those that no truck is planned for
TO_PACK = 2  # orders whose totes wait at the station
TOTES, SPARE_TOTES = 48, 12
INSPECTED = 3


def leave_work(house: House, today: date, at: datetime) -> None:
    """Trucks at the doors, pallets to receive, goods to inspect and on hold, putaways, a wave half picked, cartons to
    send, counts in review, returns to inspect, purchases that wait for approval, and what the office planned."""
    site = house.sites[0]
    addresses.set_up(house, at)
    packing.set_cartons(house)
    if not house.settings.pickers:
        freight.set_up(house, at)
    calendars.keep_holidays(house, today, at - timedelta(hours=2))
    bills.connect(house, at - timedelta(days=50))
    _counts(house, site, today, at)
    quality.name_substitutes(house, at)
    _trucks(house, site, today, at)
    quality.take_in_unannounced(house, site, at)
    quality.keep_apart(house, site, at)
    quality.begin_inspection(house, site, at)
    _wave(house, site, today, at)
    offers.buy_in_a_hurry(house, site, today, at)
    refills.leave_refills(house, site, at)
    transfers.leave_transfers(house, house.sites[1], site, at)
    _returns(house, site, today, at)
    purchases.ask_for_purchases(house, site, at)
    plans.plan_ahead(house, site, today, at)
    drafts.write_drafts(house, site.site_id, at)
    for one in house.sites:
        works.set_up(house, one.site_id, at)
        waves.set_up(house, one.site_id, at)
    sites.ship_from(house, at)
    waves.plan_ahead(house, site.site_id, at)
    scanners.set_up(house, site.site_id, at)
    scanners.leave_scans(house, at)
    drafts.leave_rivals(house, site.site_id, today, at)


def _trucks(house: House, site: Site, today: date, at: datetime) -> None:
    """Two trucks stand at doors, their first pallets are in: some to be inspected, one with less than it should have,
    one crushed by the carrier. The other pallets wait for a scan of their SSCC."""
    by_po: dict[int, list[DueLine]] = {}
    for line in reads.due_lines(site.site_id, today + timedelta(days=30)):
        if line.state == "approved" and line.owed:
            by_po.setdefault(line.po_id, []).append(line)
    largest = sorted(by_po.values(), key=lambda lines: (-min(len(lines), 8), lines[0].due_on, lines[0].supplier))
    asns = doors.trucks_at_doors(house, site, largest, today, at)
    quality.plan_inspections(house, site, [line.item_id for lines in largest[:1] for line in lines[:INSPECTED]], at)
    for number, (asn_id, lines) in enumerate(zip(asns, largest[:2], strict=False)):
        packs = found.packs_of(asn_id)
        for place, pack in enumerate(packs[: max(1, len(lines) * 2 // 3)]):
            received = ReceivePack(pack.sscc, site.docks[number + 1], _found(pack, number, place))
            when = at - timedelta(minutes=50 - 2 * place - number)
            house.do(receive_pack, "receiver", received, key=f"live:pallet:{number}:{place}", at=when)
    house.tell()


def _found(pack: found.Pack, truck: int, place: int) -> list[PackLine]:
    """What the receiver found on a pallet where it is not what was announced: nothing on most."""
    if truck == 1 and place == 0:
        return [PackLine(pack.asn_line_id, max(1, pack.units * 3 // 4))]
    if truck == 1 and place == 1:
        crushed = max(1, pack.units // 8)
        words = "Carton crushed under the strap"
        return [PackLine(pack.asn_line_id, pack.units, damaged_units=crushed, reason=words, responsible="carrier")]
    return []


def _wave(house: House, site: Site, today: date, at: datetime) -> None:
    """New orders are promised and on the floor: half is picked, one order is packed, one pick was short."""
    offers.enter_evening_orders(house, site, today, at)
    order_ids = reads.releasable_orders(site.site_id)
    _carts(house, site, at)
    if order_ids:
        try:
            request = ReleaseOrders(site.site_id, order_ids[: max(1, len(order_ids) * 2 // 3)])
            wave = house.do(release_orders, "planner", request, key="live:release", at=at - timedelta(minutes=25))
        except NothingToRelease:
            return
        for n, list_id in enumerate(wave.list_ids[:2]):
            take = TakeList(list_id, lease_seconds=12 * 3_600)
            house.do(take_list, "picker", take, key=f"live:list:{n}", at=at - timedelta(minutes=24 - n))
            if queries_lists.head(list_id, frozenset({0})).unit_kind == UnitKind.EACH:
                cart = UseCart(list_id, f"CART-{n + 1}")
                house.do(use_cart, "picker", cart, key=f"live:cart:{n}", at=at - timedelta(minutes=23 - n))
    picks = reads.open_picks(site.site_id, at - timedelta(days=1))
    half = picks[: len(picks) // 2]
    totes = _totes(house, site, [pick_id for pick_id, _, _, _ in half], at)
    if len(half) > 2:
        pick_id, _, units, _ = half.pop()
        shortage = ShortPick(pick_id, units // 2, "none_there", totes[pick_id] if units > 1 else 0)
        house.do(short_pick, "picker", shortage, key="live:short", at=at - timedelta(minutes=15))
    if half:
        done = ConfirmPicks([Pick(pick_id, 0, totes[pick_id]) for pick_id, _, _, _ in half])
        house.do(confirm_picks, "picker", done, key="live:picks", at=at - timedelta(minutes=12))
    whole = reads.shippable_orders(site.site_id)[: PACKED + TO_PACK]
    if whole:
        # What is complete leaves the cart of its list before the list is done: it is packed now.
        for n, (list_id, tote_id) in enumerate(found.totes_on_carts([order_id for order_id, _ in whole])):
            house.do(change_tote, "picker", ChangeTote(list_id, tote_id), key=f"live:tote:{n}",
                     at=at - timedelta(minutes=11))  # fmt: skip
        whole = whole[:PACKED]
        content = queries_packing.to_check([order_id for order_id, _ in whole])
        box = CARTONS[-1].code
        cartons = PackOrders([Pack(order_id, content[order_id], carton_type=box, checked="scanned")
                              for order_id, _ in whole])  # fmt: skip
        packed = house.do(pack_orders, "packer", cartons, key="live:pack", at=at - timedelta(minutes=8)).cartons
        labelled.show(house, [one.carton_id for one in packed[:AT_THE_DOOR]], at)
        loads.send_trucks(house, site, [(one.order_id, one.sscc) for one in packed[AT_THE_DOOR:]], at)
    house.tell()


def _carts(house: House, site: Site, at: datetime) -> None:
    """Carts of eight totes; at most three people in an aisle, and substitutes at short picks."""
    when = at - timedelta(minutes=40)
    carts = SetCarts(site.site_id, [CartOf(f"CART-{n}", 8) for n in range(1, 5)])
    house.do(set_carts, "warehouse_manager", carts, key="live:carts", at=when)
    rules = SetPickRules(site.site_id, [PickRule(aisle_limit=3, max_weight_g=150_000, at_short="substitutes")])
    house.do(set_pick_rules, "warehouse_manager", rules, key="live:pick-rules", at=when)


def _totes(house: House, site: Site, pick_ids: Sequence[int], at: datetime) -> dict[int, int]:
    """A tote for each order of each list whose picks these are: tote by pick. The house has some to spare."""
    place_of = offers.cart_places(pick_ids)
    places = list(dict.fromkeys(place_of[pick_id] for pick_id in pick_ids))
    count = max(TOTES, len(places) + SPARE_TOTES)
    house.do(
        make_totes, "warehouse_manager", MakeTotes(site.site_id, count), key="live:totes", at=at - timedelta(minutes=28)
    )
    plates = [plate.lpn_id for plate in locations.totes(site.site_id, limit=count)]
    at_place = dict(zip(places, plates, strict=False))
    return {pick_id: at_place.get(place_of[pick_id], 0) for pick_id in pick_ids}


def _counts(house: House, site: Site, today: date, at: datetime) -> None:
    """Counts are due; two bins were counted with a difference, which waits for review."""
    plan = PlanCounts(site.site_id, limit=COUNTS_DUE)
    house.do(plan_counts, "inventory_controller", plan, key="live:plan-counts", at=at - timedelta(minutes=90))
    counted = 0
    for task_id, _, bin_id, state in reads.count_tasks(site.site_id, at, COUNTS_DUE * 3):
        stock = reads.stock_in_bin(bin_id)
        if state != "due" or not stock or counted == 2:
            continue
        counted += 1
        when, key = at - timedelta(minutes=70 - counted), f"live:count:{counted}"
        opened = house.do(open_count, "picker", OpenCount(task_id), key=f"{key}:open", at=when)
        seen = [
            SeenLine(item_id, max(0, units + (-7 if place == 0 else 0)), lot_id, lpn_id, quality)
            for place, (item_id, _, lot_id, lpn_id, _, quality, units) in enumerate(stock)
        ]
        house.do(enter_count, "picker", EnterCount(opened.count_id, seen), key=f"{key}:enter", at=when)
        house.do(finish_count, "picker", FinishCount(opened.count_id, empty=True), key=f"{key}:finish", at=when)
    house.tell()


def _returns(house: House, site: Site, today: date, at: datetime) -> None:
    """Parcels came back this afternoon; nobody has looked at them yet."""
    sold = _latest_sales(site)
    for number, line in enumerate(sold):
        units = max(1, min(line.returnable, line.units) // 2)
        back = BlindLine(line.item_id, units, "ABCA"[number % 4], line.lot_id, order_line_id=line.order_line_id)
        reason = ("changed_mind", "wrong_item", "damaged_in_transit", "too_many")[number % 4]
        request = ReceiveBlind(site.site_id, house.customer_ids[line.customer], site.review_id, reason, [back])
        house.do(receive_blind, "returns_clerk", request, key=f"live:return:{number}", at=at - timedelta(minutes=20))
    house.tell()


def _latest_sales(site: Site) -> Sequence[reads.SoldLine]:
    """A few lines that left lately, each of another customer."""
    wanted = offers.latest_sales(site.site_id, RETURNS * 6)
    chosen: dict[str, reads.SoldLine] = {}
    for line in reads.sold_lines(wanted):
        if line.returnable > 1 and line.site_id == site.site_id:
            chosen.setdefault(line.customer, line)
    return [chosen[code] for code in sorted(chosen)][:RETURNS]
