"""The release of a large wave: cells reserved, picks in walking order, cartons planned, one transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import time as clock
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
from flowrack.promise.commands_setup import set_hours
from flowrack.promise.types import HoursOf, SetHours
from flowrack.sales import commands as sales
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.tasks.commands import set_capacity
from flowrack.tasks.types import SetCapacity
from flowrack.waves import queries_planner
from flowrack.waves.commands import make_plan
from flowrack.waves.types import MakePlan

ORDER_LINES = 8
AHEAD = 14


@bench("wave.release_10k")
def release(scale: Scale) -> Iterator[Figure]:
    """Seconds to release 1,250 orders of eight lines as one wave, every item measured, six carton types."""
    people, site_id, entered = _reserved(scale, scale.of(1_250, 20))
    sql.execute("ANALYZE")
    started = time.perf_counter()
    wave = fulfilment.release_orders(people.ctx(), ReleaseOrders(site_id, entered))
    seconds = time.perf_counter() - started
    yield Figure("wave.release_10k", seconds, "s", None, None, len(wave.pick_ids), seconds=seconds)
    yield Figure("wave.release_10k@cartons", float(wave.cartons), "cartons", None, None, len(entered), seconds=seconds)


@bench("wave.plan_5k")
def plan(scale: Scale) -> Iterator[Figure]:
    """Seconds of a dry run of 625 orders of eight lines with people for about half of them before the cut-off, and of a
    plan that is kept, improved by the solver; its gap in thousandths and by how much it is below the greedy one."""
    people, site_id, entered = _reserved(scale, scale.of(625, 20))
    sql.execute("UPDATE sales_order SET ship_by_on = current_date WHERE id = ANY(%s::bigint[])", (entered,))
    sql.execute(
        "UPDATE sales_order SET tier = (ARRAY['A', 'B', 'C'])[1 + id %% 3] WHERE id = ANY(%s::bigint[])", (entered,)
    )
    ctx = people.ctx()
    crew = max(1, len(entered) * ORDER_LINES * 90 // 2 // (23 * 3600))
    for weekday in range(7):
        set_capacity(people.ctx(), SetCapacity(site_id, "pick", weekday, "day", crew, Decimal(24), starts_at=clock(0)))
    hours = [HoursOf(day, clock(0), clock(23, 59)) for day in range(1, 8)]
    set_hours(people.ctx(), SetHours(site_id, hours))
    sql.execute("ANALYZE")
    started = time.perf_counter()
    run = queries_planner.dry_run(site_id, ctx.now, ahead_days=AHEAD)
    seconds = time.perf_counter() - started
    assert run is not None
    yield Figure("wave.plan_5k", seconds, "s", None, None, len(run.plan.lines), seconds=seconds)
    started = time.perf_counter()
    done = make_plan(ctx, MakePlan(site_id, AHEAD))
    seconds = time.perf_counter() - started
    yield Figure("wave.plan_5k@kept", seconds, "s", None, None, done.lines + done.waiting, seconds=seconds)
    yield Figure("wave.plan_5k@gap", float(done.gap), "thousandths", None, None, done.waiting, seconds=seconds)
    better = float(run.plan.fit.points - done.penalty)
    yield Figure("wave.plan_5k@better", better, "points", None, None, run.plan.fit.points, seconds=seconds)


def _reserved(scale: Scale, orders: int) -> tuple[People, int, list[int]]:
    """Orders of eight lines in a house where every item is measured, with stock reserved for them."""
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
    return people, world.site_id, entered


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
