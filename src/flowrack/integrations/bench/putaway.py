"""Putaway: one pallet among 50,000 bins, a receipt of 10,000 lines, and 50,000 past receipts under a new rule set."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from flowrack.integrations.bench.flow import People
from flowrack.integrations.bench.harness import Figure, Scale, Stopwatch, bench
from flowrack.integrations.bench.world import NOW, World, build, second_person
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.platform import jobs, sql
from flowrack.platform.permissions import grants_of
from flowrack.platform.runner import Context
from flowrack.shared.quantity import Units
from flowrack.storage import commands_rules, queries, queries_rules, steps_census, steps_choose
from flowrack.storage.types import PutawayNeed
from flowrack.storage.types_putaway import PutawayRules, SimulatePutaways, WritePutawayRules

CHUNK = 5_000
WARM_UP = 12  # statements are prepared on their way
DAYS = 90


@bench("putaway.choose_50k_bins")
def choose_50k_bins(scale: Scale) -> Iterator[Figure]:
    """One pallet at a time, the front of the house full, then a receipt of many lines at once; all with reasons.

    Choosing writes nothing, so each round is committed as in real life: psycopg forgets its prepared statements when a
    transaction is rolled back, and every statement would be planned anew.

    Raw finds the nearest empty bin that is wide enough: no neighbours, no beams, no score, no counts.
    """
    bins, items = scale.of(50_000, 2_000), scale.of(5_000, 200)
    world = house(bins, items)
    fill(world, bins * 6 // 10)
    ctx = world.context()
    with transaction.atomic():
        steps_census.follow(ctx, world.site_id)
    sql.execute("ANALYZE")
    times, raw_times, cpu = [], [], 0.0
    rounds = scale.of(300, 30)
    for n in range(-WARM_UP, rounds):
        item = world.items[(n * 37) % len(world.items)]
        with transaction.atomic():
            watch = Stopwatch()
            _choose(world, ctx, [_need(world, item, lpn=0)])
            if n >= 0:
                times.append(watch.wall_seconds() * 1_000)
                cpu += watch.cpu_seconds()
            started = time.perf_counter()
            _raw_nearest(world)
            raw_times.append((time.perf_counter() - started) * 1_000)
    times.sort()
    raw = sorted(raw_times)[len(raw_times) // 2]
    for name, share in (("p50", 50), ("p99", 99)):
        at = times[min(len(times) * share // 100, len(times) - 1)]
        yield Figure(f"putaway.choose_50k_bins@{name}", at, "ms", raw, raw / at, bins, seconds=at / 1_000)
    each_cpu = cpu * 1_000 / rounds
    yield Figure("putaway.choose_50k_bins@cpu", each_cpu, "ms CPU", None, None, bins, seconds=cpu)
    lines = scale.of(10_000, 300)
    needs = [_need(world, world.items[n % len(world.items)], lpn=0) for n in range(lines)]
    with transaction.atomic():
        started = time.perf_counter()
        chosen = _choose(world, ctx, needs)
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    if chosen < lines * 9 // 10:
        raise RuntimeError(f"{chosen} of {lines} lines found a bin")
    yield Figure(
        "putaway.choose_50k_bins@lines", seconds * 1_000 / lines, "ms/line", None, None, lines, seconds=seconds
    )


def _choose(world: World, ctx: Context, needs: list[PutawayNeed]) -> int:
    """Choose bins as the command does, reasons included; how many were found."""
    facts = queries.item_needs(sorted({need.item_id for need in needs}))
    groups = steps_choose.group_needs(needs, facts)
    chosen = steps_choose.choose(ctx, world.site_id, groups)
    found = 0
    for group, choice in zip(groups, chosen.choices, strict=True):
        row = steps_choose.decision(0, group, choice, needs, facts, chosen.in_use)
        if choice.chosen is not None:
            found += 1
            if not row.detail["removed"] or not row.detail["candidates"]:
                raise RuntimeError("a choice without reasons")
    return found


def _raw_nearest(world: World) -> None:
    sql.fetch_one(
        """
        SELECT l.id FROM locations_location l
        WHERE l.site_id = %s AND l.role = 'reserve' AND l.is_active AND l.temperature = 'ambient'
          AND (l.max_volume_ml IS NULL OR l.max_volume_ml >= 1000)
          AND NOT EXISTS (SELECT FROM ledger_cell c WHERE c.location_id = l.id AND NOT c.is_virtual AND c.on_hand > 0)
        ORDER BY l.pick_sequence, l.id LIMIT 1
        """,
        (world.site_id,),
    )


def _need(world: World, item_id: int, *, lpn: int) -> PutawayNeed:
    return PutawayNeed("bench", world.bins["receiving"][0], item_id, Units(12), lpn_id=lpn)


@bench("putaway.simulate_50k")
def simulate_50k(scale: Scale) -> Iterator[Figure]:
    """Past receipts of 90 days, with what left meanwhile, tried on a new rule set as the background job does it."""
    bins, items, receipts = scale.of(50_000, 2_000), scale.of(5_000, 200), scale.of(50_000, 1_000)
    world = house(bins, items)
    fill(world, bins // 3)
    first = (NOW - timedelta(days=DAYS - 1)).date()
    _past_putaways(world, receipts, first)
    _past_picks(world, receipts // DAYS, first)
    people = People(world.actor_id, second_person(), grants_of(world.actor_id))
    rules = PutawayRules(name="Bench", volume_percent=90)
    saved = commands_rules.write_putaway_rules(people.ctx(), WritePutawayRules(world.site_id, rules))
    req = SimulatePutaways(saved.rule_set_id, first, NOW.date())
    started_job = commands_rules.start_putaway_simulation(people.ctx(), req)
    started = time.perf_counter()
    jobs.run_next()
    seconds = time.perf_counter() - started
    row = sql.fetch_one("SELECT state, message, log FROM platform_job WHERE id = %s", (started_job.job_id,))
    found = queries_rules.simulations(saved.rule_set_id)
    if row is None or row[0] != "done" or not found or found[0].receipts != receipts or found[0].placed < receipts // 2:
        raise RuntimeError(f"the simulation is {row}: {found}")
    yield Figure("putaway.simulate_50k", seconds, "s", None, None, receipts, seconds=seconds)


def house(bins: int, items: int) -> World:
    """A site with so many bins in eight zones, three heights of them, and items of several kinds with sizes."""
    world = build(items, bins_per_role=4)
    sql.execute(
        """
        INSERT INTO locations_zone (site_id, code, name, role)
        SELECT %s, 'Z' || g, 'Zone', CASE WHEN g < 7 THEN 'reserve' ELSE 'forward_pick' END FROM generate_series(1, 8) g
        """,
        (world.site_id,),
    )
    sql.execute(
        """
        INSERT INTO locations_location (site_id, zone_id, role, code, aisle, bay, level, slot, pick_sequence,
                                        max_volume_ml, max_weight_g, max_lpns, max_height_mm, max_beam_weight_g,
                                        temperature, storage_classes)
        SELECT z.site_id, z.id, z.role, 'B' || g, lpad((g / 500)::text, 3, '0'), lpad((g / 10)::text, 5, '0'),
               (g / 2 %% 5)::text, (g %% 2)::text, 1000 + g, 1500000, 1000000, 4, 1200 + g %% 3 * 400,
               CASE WHEN g %% 7 = 0 THEN 2500000 END, CASE WHEN z.code = 'Z6' THEN 'chilled' ELSE 'ambient' END,
               CASE WHEN z.code = 'Z5' THEN '{bulky}'::varchar[] ELSE '{}' END
        FROM generate_series(1, %s::int) AS g JOIN locations_zone z ON z.code = 'Z' || (1 + g * 8 / (%s::int + 1))
        WHERE z.site_id = %s
        """,
        (bins, bins, world.site_id),
    )
    sql.execute(
        """
        UPDATE catalog_item SET temperature = CASE WHEN id %% 10 = 0 THEN 'chilled' ELSE 'ambient' END,
               storage_class = CASE WHEN id %% 9 = 0 THEN 'bulky' ELSE 'general' END,
               velocity = CASE WHEN id %% 20 < 3 THEN 'A' WHEN id %% 20 < 8 THEN 'B' ELSE 'C' END
        """
    )
    sql.execute(
        """
        INSERT INTO catalog_packlevel (item_id, level, factor, length_mm, width_mm, height_mm, weight_g)
        SELECT id, 'each', 1, 100 + id %% 200, 100, 100 + id %% 300, 100 + id %% 5000 FROM catalog_item
        """
    )
    rows = sql.fetch_all(
        "SELECT id FROM locations_location WHERE site_id = %s AND code LIKE 'B%%' ORDER BY pick_sequence",
        (world.site_id,),
    )
    sql.execute("ANALYZE")
    return replace(world, bins={**world.bins, "bench": [row[0] for row in rows]})


def fill(world: World, count: int) -> None:
    """Put twelve units of an item into each of the first bins, as a house fills from the doors."""
    source = Place(world.virtual["SUPPLIER"])
    targets = world.bins["bench"][:count]
    for first in range(0, count, CHUNK):
        moves = [
            Move(world.items[(first + n) % len(world.items)], 12, source, Place(target), "receipt", value=Decimal(12))
            for n, target in enumerate(targets[first : first + CHUNK])
        ]
        with transaction.atomic():
            ledger.post(replace(world.context(), now=NOW - timedelta(days=DAYS + 5)), moves)


def _past_putaways(world: World, receipts: int, first: date) -> None:
    """Putaways that were done, spread over the days; written as rows, since only the simulation reads them."""
    sql.execute(
        """
        INSERT INTO storage_plannedmove (site_id, kind, state, origin, item_id, lot_id, lpn_id, owner_id, quality,
               units, done_units, from_location_id, to_location_id, planned_at, ended_at, ended_by_id, ended_in_id,
               reason, task_id)
        SELECT %(site)s, 'putaway', 'done', 'bench:' || g, i.item, 0, 0, 1, 'available', 6 + g %% 30, 6 + g %% 30,
               %(dock)s, b.place, p.at, p.at, %(actor)s, b.place, '', 0
        FROM generate_series(0, %(receipts)s::int - 1) AS g
        CROSS JOIN LATERAL (SELECT (%(items)s::bigint[])[1 + (g * 31) %% %(item_count)s::int] AS item) i
        CROSS JOIN LATERAL (SELECT (%(bins)s::bigint[])[1 + (g * 17) %% %(bin_count)s::int] AS place) b
        CROSS JOIN LATERAL (
            SELECT %(first)s::date + (g * %(days)s::bigint / %(receipts)s::int)::int + time '09:00' AS at) p
        """,
        {
            "site": world.site_id,
            "dock": world.bins["receiving"][0],
            "actor": world.actor_id,
            "receipts": receipts,
            "items": world.items,
            "item_count": len(world.items),
            "bins": world.bins["bench"],
            "bin_count": len(world.bins["bench"]),
            "first": first,
            "days": DAYS,
        },
    )


def _past_picks(world: World, a_day: int, first: date) -> None:
    """Bins that were emptied, so many a day."""
    target = Place(world.virtual["CUSTOMER"])
    cells = sql.fetch_all(
        """
        SELECT c.item_id, c.location_id, c.on_hand FROM ledger_cell c JOIN locations_location l ON l.id = c.location_id
        WHERE c.site_id = %s AND NOT c.is_virtual AND c.on_hand > 0 AND l.code LIKE 'B%%' ORDER BY c.id
        """,
        (world.site_id,),
    )
    for day in range(DAYS):
        todays = cells[day * a_day // 4 : (day + 1) * a_day // 4]
        ctx = replace(world.context(), now=NOW - timedelta(days=DAYS - 1 - day))
        moves = [Move(item, units, Place(place), target, "issue") for item, place, units in todays]
        if moves:
            with transaction.atomic():
                ledger.post(ctx, moves)
    if not cells or first > NOW.date():
        raise RuntimeError("nothing was picked")
