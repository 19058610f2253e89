"""The release of a large wave: cells reserved, picks in walking order, cartons planned, one transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from decimal import Decimal

from flowrack.allocation import commands as allocation
from flowrack.allocation.types import Allocate
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ReleaseOrders
from flowrack.fulfilment.types_cartons import CartonTypeOf, SetCartonTypes
from flowrack.integrations.bench.flow import People, parties
from flowrack.integrations.bench.harness import Figure, Scale, bench
from flowrack.integrations.bench.packing import HOUSE
from flowrack.integrations.bench.world import build, second_person
from flowrack.platform import sql
from flowrack.platform.permissions import grants_of
from flowrack.sales import commands as sales
from flowrack.sales.types import EnterOrders, NewLine, NewOrder

ORDER_LINES = 8


@bench("wave.release_10k")
def release(scale: Scale) -> Iterator[Figure]:
    """Seconds to release 1,250 orders of eight lines as one wave, every item measured, six carton types."""
    orders = scale.of(1_250, 20)
    world = build(scale.of(2_000, 100))
    people = People(world.actor_id, second_person(), grants_of(world.actor_id))
    _, customer = parties()
    _measure(world.items)
    types = [CartonTypeOf(k.code, *k.inside, k.max_weight_g, k.tare_g, k.cost) for k in HOUSE]
    fulfilment.set_carton_types(people.ctx(), SetCartonTypes(types))
    world.stock(10_000, "forward_pick")
    chance = random.Random(2)
    skus = dict(sql.fetch_all("SELECT id, sku FROM catalog_item WHERE id = ANY(%s::bigint[])", (world.items,)))
    asked = [
        NewOrder(
            customer,
            world.site_id,
            [NewLine(skus[item], Decimal(chance.randint(1, 6))) for item in chance.sample(world.items, ORDER_LINES)],
        )
        for _ in range(orders)
    ]
    entered = [one.order_id for one in sales.enter_orders(people.ctx(), EnterOrders(asked)).orders]
    allocation.allocate(people.ctx(), Allocate(world.site_id, entered))
    sql.execute("ANALYZE")
    started = time.perf_counter()
    wave = fulfilment.release_orders(people.ctx(), ReleaseOrders(world.site_id, entered))
    seconds = time.perf_counter() - started
    yield Figure("wave.release_10k", seconds, "s", None, None, len(wave.pick_ids), seconds=seconds)
    yield Figure("wave.release_10k@cartons", float(wave.cartons), "cartons", None, None, orders, seconds=seconds)


def _measure(items: list[int]) -> None:
    """Sides of 20 to 200 mm and a weight for every item."""
    chance = random.Random(1)
    rows = [[item, *(chance.randint(20, 200) for _ in range(3)), chance.randint(50, 900)] for item in items]
    sql.execute(
        """
        INSERT INTO catalog_packlevel (item_id, length_mm, width_mm, height_mm, weight_g, level, factor)
        SELECT m.*, 'each', 1 FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[]) AS m
        """,
        tuple(list(column) for column in zip(*rows, strict=True)),
    )
