"""The outward half of a simulated day: orders come in, stock is promised, waves are picked, packed and sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from flowrack.allocation.commands import allocate
from flowrack.allocation.types import Allocate
from flowrack.carriers.queries_choices import latest_of
from flowrack.fulfilment import queries_packing
from flowrack.fulfilment.commands import confirm_picks, pack_orders, release_orders, short_pick
from flowrack.fulfilment.types import ConfirmPicks, NothingToRelease, Pack, PackOrders, Pick, ReleaseOrders, ShortPick
from flowrack.integrations.replay import packing, reads, rules
from flowrack.integrations.replay.house import House, Site, moment, utc
from flowrack.integrations.replay.reads_service import SLIP
from flowrack.integrations.replay.types import SimOrder
from flowrack.platform.outbox import context_for_system
from flowrack.promise.commands_setup import sum_work as learn_work
from flowrack.promise.types import Learn
from flowrack.sales.commands import enter_orders
from flowrack.sales.commands_changes import cancel_lines
from flowrack.sales.commands_holds import refresh_item_history, release_holds
from flowrack.sales.types import CancelLine, CancelLines, EnterOrders, NewLine, NewOrder
from flowrack.sales.types_holds import RefreshItemHistory, ReleaseHolds
from flowrack.shipping.commands import ship_confirm
from flowrack.shipping.types import Departure, ShipConfirm

PATIENCE = timedelta(days=21)
SOON = timedelta(days=4)  # what is to leave by then, over any weekend, leaves when it can; the rest by its promise
CHANNELS = ("WEB", "WEB", "EDI", "PHONE")
CARRIERS = {"GB": "Parcelway", "IE": "Parcelway"}


def enter(house: House, on: date, orders: Sequence[SimOrder]) -> None:
    """Orders are entered as they come, hour by hour."""
    for hour, of in groupby(orders, key=lambda order: order.at.hour):
        batch = list(of)
        request = EnterOrders([_order(house, on, order) for order in batch])
        house.do(enter_orders, "customer_service", request, key=f"{on}:orders:{hour}", at=utc(batch[-1].at))
        house.tally.orders += len(batch)
        house.tally.order_lines += sum(len(order.lines) for order in batch)
        house.tally.orders_ahead += sum(_days_ahead(house, order) > 0 for order in batch)


def _order(house: House, on: date, order: SimOrder) -> NewOrder:
    lines = [NewLine(item=x.sku, quantity=Decimal(x.units), unit_price=x.price) for x in order.lines]
    [site] = house.sites
    ahead = _days_ahead(house, order)
    wanted_on = on + timedelta(days=ahead) if ahead else None
    channel = _channel(house, order)
    return NewOrder(order.customer, site.site_id, lines, order.reference, wanted_on, channel=channel)


def _days_ahead(house: House, order: SimOrder) -> int:
    if not house.settings.has_wishes:
        return 0
    return rules.days_ahead(house.settings.seed, order.reference, house.world.customers[order.customer].tier)


def _channel(house: House, order: SimOrder) -> str:
    """By which way a customer orders; synthetic. Those abroad are visited, half of the others use the web shop."""
    if order.country not in CARRIERS:
        return "REP"
    return CHANNELS[rules.between(house.settings.seed, 0, len(CHANNELS) - 1, "channel", order.customer)]


def settle_holds(house: House, on: date, name: str, hour: int) -> None:
    """Customers are asked about quantities in doubt: what the history takes back anywhere was a slip and is cancelled;
    the rest was meant, and a planner releases it."""
    for site in house.sites:
        meant: list[int] = []
        slips: list[CancelLine] = []
        for hold_id, line_id, customer, sku, units in reads.held_quantities(site.site_id):
            if (customer, sku) in house.world.taken_back:
                slips.append(CancelLine(line_id, units))
            else:
                meant.append(hold_id)
        at = moment(on, hour - 1, 30)
        if slips:
            cancel = CancelLines(slips, SLIP)
            house.do(cancel_lines, "customer_service", cancel, key=f"{on}:slips:{name}:{site.code}", at=at)
        if meant:
            release = ReleaseHolds(meant, "meant so, says the customer")
            house.do(release_holds, "planner", release, key=f"{on}:meant:{name}:{site.code}", at=at)
        house.tally.held_lines += len(slips) + len(meant)
        house.tally.slips += len(slips)
    house.tell()


def tell_history(house: House, on: date) -> None:
    """At night the item history is told of the day's lines."""
    for site in house.sites:
        ctx = context_for_system(moment(on, 22), f"{house.run_code}:{on}:history:{site.code}")
        refresh_item_history(ctx, RefreshItemHistory(site.site_id))


def sum_work(house: House, on: date, name: str, hour: int) -> None:
    """The worker sums the promised work of the sites, as it does all day; not where hands are limited, whose days must
    not hang on how far the other site is."""
    if house.settings.is_furnished:
        return
    for site in house.sites:
        ctx = context_for_system(moment(on, hour - 1), f"{house.run_code}:{on}:work:{name}:{site.code}")
        learn_work(ctx, Learn())


def promise(house: House, on: date, name: str, hour: int, orders: Sequence[SimOrder]) -> None:
    """Stock is promised: in the morning to everything that waits, later to the new orders."""
    for site in house.sites:
        order_ids: list[int] = []
        if name != "first":
            order_ids = reads.orders_by_reference(site.site_id, [o.reference for o in orders])
            if not order_ids:
                continue
        request = Allocate(site.site_id, order_ids)
        house.do(allocate, "planner", request, key=f"{on}:promise:{name}:{site.code}", at=moment(on, hour))
    house.tell()


def release(house: House, on: date, name: str, hour: int) -> None:
    """Promised units go to the floor as a wave for each site; people who walk lists know when the truck leaves."""
    for site in house.sites:
        key = f"{on}:release:{name}:{site.code}"
        order_ids = reads.releasable_orders(site.site_id, on, on + SOON)
        if not order_ids or house.is_done(key):
            continue
        try:
            leaves = moment(on, hour + 1, 30) if house.walks(on) else None
            request = ReleaseOrders(site.site_id, order_ids, cut_off_at=leaves)
            house.do(release_orders, "planner", request, key=key, at=moment(on, hour, 5))
        except NothingToRelease:
            continue
    house.tell()


def pick(house: House, on: date, name: str, hour: int) -> None:
    """Everything on the floor is picked; now and then a bin holds less than the books say."""
    for site in house.sites:
        for turn in range(3):
            picks = reads.open_picks(site.site_id, moment(on, 0))
            if not picks or not _pick_turn(house, site, on, f"{name}:{turn}", hour=hour, picks=picks):
                break
    house.tell()


def _pick_turn(
    house: House, site: Site, on: date, name: str, *, hour: int, picks: Sequence[tuple[int, str, int, bool]]
) -> bool:
    """Pick what is found; whether some picks were short, so that others may stand in for them."""
    found: list[Pick] = []
    short: list[tuple[int, str, int]] = []
    for pick_id, word, units, stands_in in picks:
        seen = units if stands_in else rules.found_at_pick(house.settings.seed, str(on), word, units)
        if seen == units:
            found.append(Pick(pick_id))
        else:
            short.append((pick_id, word, seen))
    if found:
        request = ConfirmPicks(found)
        house.do(confirm_picks, "picker", request, key=f"{on}:picks:{name}:{site.code}", at=moment(on, hour, 40))
    for pick_id, word, seen in short:
        shortage = ShortPick(pick_id, seen, "none_there")
        house.do(short_pick, "picker", shortage, key=f"{on}:short:{word}"[:200], at=moment(on, hour, 41))
    return bool(short) or any(stands_in for _, _, _, stands_in in picks)


def send(house: House, on: date, name: str, hour: int) -> None:
    """What is staged is packed into a carton for each order, and leaves."""
    for site in house.sites:
        ready = reads.shippable_orders(site.site_id)
        if not ready:
            continue
        packed = reads.packed_orders([order_id for order_id, _ in ready])
        loose = [order_id for order_id, _ in ready if order_id not in packed]
        if loose and house.walks(on):
            packing.pack(house, site, on, name, hour, loose)
        elif loose:
            content = queries_packing.to_check(loose)
            request = PackOrders([Pack(order_id, content[order_id], checked="scanned") for order_id in loose])
            house.do(pack_orders, "packer", request, key=f"{on}:pack:{name}:{site.code}", at=moment(on, hour, 50))
        chosen = latest_of([order_id for order_id, _ in ready]) if house.walks(on) else {}
        departures = [
            Departure(
                order_ids=(order_id,),
                carrier=chosen[order_id].carrier
                if order_id in chosen and chosen[order_id].carrier
                else CARRIERS.get(country, "Overseas Freight"),
            )
            for order_id, country in ready
        ]
        house.do(
            ship_confirm,
            "packer",
            ShipConfirm(site.site_id, departures),
            key=f"{on}:ship:{name}:{site.code}",
            at=moment(on, hour, 58),
        )
        house.tally.shipped_orders += len(ready)
    house.tell()


def give_up(house: House, on: date) -> None:
    """Customers who have waited for three weeks do not want the rest any more."""
    for site in house.sites:
        lines = reads.stale_lines(site.site_id, moment(on, 18) - PATIENCE)
        if lines:
            request = CancelLines([CancelLine(line_id, units) for line_id, units in lines], "waited too long")
            house.do(cancel_lines, "customer_service", request, key=f"{on}:give-up:{site.code}", at=moment(on, 18))
    house.tell()
