"""Picking: confirms of picks through the whole HTTP API, and a crowd of scanners on one hot item."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from decimal import Decimal

from django.db import connections

from flowrack.allocation import commands as allocation
from flowrack.allocation.types import Allocate
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import Released, ReleaseOrders
from flowrack.integrations.bench.flow import People, parties
from flowrack.integrations.bench.harness import Figure, Scale, bench
from flowrack.integrations.bench.http import CLIENTS, Scan, crowd, play, post, server, token_of
from flowrack.integrations.bench.world import World, build, second_person
from flowrack.platform import sql
from flowrack.platform.permissions import grants_of
from flowrack.sales import commands as sales
from flowrack.sales.types import EnterOrders, NewLine, NewOrder

ORDER_LINES = 8
SCANNERS = 200
SECONDS_A_PICK = 1.0  # a person with a scanner is faster than any real one; the house's standard is far above


@bench("pick.scan_8")
def scan_8(scale: Scale) -> Iterator[Figure]:
    """Confirms a second at eight clients, each with lists of its own, and the 99th percentile of one (ms).

    A confirm is one request: one pick goes into its order's place at staging, and its list goes on or ends.
    """
    world, people = _house(scale.of(2_000, 100))
    world.stock(100_000, "forward_pick")
    orders = scale.of(1_500, 80)
    chance = random.Random(3)
    asked = [[(item, chance.randint(1, 6)) for item in chance.sample(world.items, ORDER_LINES)] for _ in range(orders)]
    _release(world, people, asked)
    lists = sql.fetch_all(
        "SELECT array_agg(id ORDER BY place) FROM fulfilment_pickline GROUP BY pick_list_id ORDER BY pick_list_id"
    )
    turns = [iter([pick for (picks,) in lists[client::CLIENTS] for pick in picks]) for client in range(CLIENTS)]
    token = token_of(people.two)
    sql.execute("ANALYZE")
    connections.close_all()

    def scan(client: int) -> Scan:
        yield post("picks/confirm", token, json.dumps({"picks": [{"pick_id": next(turns[client])}]}))

    with server() as port:
        play(scan, port, scale.of(20, 1) / 10)
        rate, times = play(scan, port, scale.of(80, 2) / 10)
    left = sum(1 for turn in turns for _ in turn)
    picked = sql.fetch_value("SELECT count(*) FROM fulfilment_pickline WHERE state = 'picked'")
    if picked + left != orders * ORDER_LINES:
        raise RuntimeError(f"{picked} picked and {left} left of {orders * ORDER_LINES}")
    yield Figure("pick.scan_8", rate, "scans/s", None, None, CLIENTS)
    yield Figure("pick.scan_8@p99", times[int(len(times) * 0.99)] * 1000, "ms", None, None, CLIENTS)


@bench("pick.hot_item_200")
def hot_item_200(scale: Scale) -> Iterator[Figure]:
    """The 95th percentile (ms) of a confirm while 200 scanners pick one item from one bin, a scan a second each.

    Each unit is a pick of its own, and two scanners try each: one books it, the other is told that it is done. At the
    end exactly what was there is picked, and the books agree.
    """
    scanners = scale.of(SCANNERS, 12)
    each = scale.of(5, 2)
    world, people = _house(2)
    units = scanners * each
    world.stock(units, "forward_pick", items=world.items[:1])
    _release(world, people, [[(world.items[0], 1)] * each for _ in range(scanners)])
    picks = [row[0] for row in sql.fetch_all("SELECT id FROM fulfilment_pickline ORDER BY id")]
    token = token_of(people.two)
    sql.execute("ANALYZE")
    connections.close_all()

    def requests(scanner: int) -> list[bytes]:
        own = picks[scanner::scanners]
        neighbours = picks[(scanner + 1) % scanners :: scanners]
        return [
            post("picks/confirm", token, json.dumps({"picks": [{"pick_id": pick}]}))
            for pair in zip(own, neighbours, strict=True)
            for pick in pair
        ]

    with server() as port:
        crowd([[post("picks/confirm", token, json.dumps({"picks": [{"pick_id": 2**40}]}))] * 4] * 4, port, pause=0.1)
        seconds, answers = crowd([requests(n) for n in range(scanners)], port, pause=SECONDS_A_PICK)
    booked = sum(1 for status, _ in answers if status == 200)
    refused = sum(1 for status, _ in answers if status == 409)
    there = sql.fetch_one(
        """
        SELECT coalesce(sum(on_hand) FILTER (WHERE state = 'staged'), 0)::bigint,
               coalesce(sum(on_hand) FILTER (WHERE state <> 'staged'), 0)::bigint
        FROM ledger_cell WHERE item_id = %s AND NOT is_virtual
        """,
        (world.items[0],),
    )
    if (booked, refused, there) != (units, units, (units, 0)):
        raise RuntimeError(f"{booked} booked and {refused} refused of {2 * units}; staged and left: {there}")
    times = sorted(taken for _, taken in answers)
    yield Figure("pick.hot_item_200", times[int(len(times) * 0.95)] * 1000, "ms", None, None, scanners, seconds=seconds)
    yield Figure("pick.hot_item_200@rate", len(times) / seconds, "scans/s", None, None, scanners, seconds=seconds)


def _house(items: int) -> tuple[World, People]:
    world = build(items)
    return world, People(world.actor_id, second_person(), grants_of(world.actor_id))


def _release(world: World, people: People, asked: list[list[tuple[int, int]]]) -> Released:
    """Orders of (item, units), entered, promised and on the floor as one wave."""
    _, customer = parties()
    skus = dict(sql.fetch_all("SELECT id, sku FROM catalog_item WHERE id = ANY(%s::bigint[])", (world.items,)))
    new = [
        NewOrder(customer, world.site_id, [NewLine(skus[item], Decimal(units)) for item, units in lines])
        for lines in asked
    ]
    entered = [one.order_id for one in sales.enter_orders(people.ctx(), EnterOrders(new)).orders]
    allocation.allocate(people.ctx(), Allocate(world.site_id, entered))
    return fulfilment.release_orders(people.ctx(), ReleaseOrders(world.site_id, entered))
