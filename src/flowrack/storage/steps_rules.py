"""Writes of the putaway rule sets."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

from flowrack.catalog.types import HAZARD_DIVISIONS, StorageClass
from flowrack.locations import queries as locations
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.purchasing.queries import on_order
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import Units
from flowrack.storage import queries, queries_bins, queries_rules, rules_policy
from flowrack.storage.queries_rules import RuleSetRow
from flowrack.storage.rules_putaway import PICKABLE, Goods
from flowrack.storage.steps_choose import goods_of
from flowrack.storage.types import PutawayNeed
from flowrack.storage.types_putaway import BadRules, NothingPlaceable, PutawayRules, WritePutawayRules

LISTS = ("zones", "apart", "classes")
MOST_NAMED = 200
YEAR = timedelta(days=365)


def check(site_id: int, rules: PutawayRules) -> None:
    """Refuse rules that make no sense at the site."""
    bad = rules_policy.faults_of(
        rules,
        zone_ids={zone.zone_id for zone in locations.zones(site_id)},
        hazards={*HAZARD_DIVISIONS, *(d for of_class in HAZARD_DIVISIONS.values() for d in of_class)},
        storage_classes=set(StorageClass),
    )
    if bad:
        raise BadRules(bad[0].message, lines=bad, fix=bad[0].fix)


def write(ctx: Context, req: WritePutawayRules, version: int) -> int:
    """Write a draft: a new one, or the changed one of req.rule_set_id. Its id. Seven statements at most."""
    rules = req.rules
    plain = {f.name: getattr(rules, f.name) for f in fields(rules) if f.name not in LISTS}
    columns = {**plain, "note": req.note[:200], "written_by_id": ctx.actor_id, "written_at": ctx.now}
    if req.rule_set_id:
        named = ", ".join(f"{name} = %s" for name in columns)
        sql.execute(
            f"UPDATE storage_putawayruleset SET {named} WHERE id = %s",  # noqa: S608 - names of fields
            (*columns.values(), req.rule_set_id),
        )
        for table in ("storage_putawayzone", "storage_keptapartrow", "storage_putawayclasszone"):
            sql.execute(f"DELETE FROM {table} WHERE rule_set_id = %s", (req.rule_set_id,))  # noqa: S608
        rule_set_id = req.rule_set_id
    else:
        columns = {"site_id": req.site_id, "version": version, "state": "draft", **columns}
        rule_set_id = sql.fetch_value(
            f"INSERT INTO storage_putawayruleset ({', '.join(columns)}) "  # noqa: S608 - names of fields
            f"VALUES ({', '.join(['%s'] * len(columns))}) RETURNING id",
            tuple(columns.values()),
        )
    _write_lists(int(rule_set_id), rules)
    return int(rule_set_id)


def _write_lists(rule_set_id: int, rules: PutawayRules) -> None:
    sql.execute(
        """
        INSERT INTO storage_putawayzone (rule_set_id, velocity, zone_id, rank)
        SELECT %s, * FROM unnest(%s::text[], %s::bigint[], %s::int[])
        """,
        (
            rule_set_id,
            [z.velocity for z in rules.zones],
            [z.zone_id for z in rules.zones],
            [z.rank for z in rules.zones],
        ),
    )
    apart = [(*sorted((row.one, row.other)), row.cell) for row in rules.apart]
    sql.execute(
        """
        INSERT INTO storage_keptapartrow (rule_set_id, one, other, cell)
        SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[])
        """,
        (rule_set_id, [row[0] for row in apart], [row[1] for row in apart], [row[2] for row in apart]),
    )
    sql.execute(
        """
        INSERT INTO storage_putawayclasszone (rule_set_id, storage_class, zone_id)
        SELECT %s, * FROM unnest(%s::text[], %s::bigint[])
        """,
        (rule_set_id, [str(c.storage_class) for c in rules.classes], [c.zone_id for c in rules.classes]),
    )


def end(ctx: Context, rule_set_id: int, state: str) -> None:
    """Retire a version, or drop a draft."""
    sql.execute(
        "UPDATE storage_putawayruleset SET state = %s, ended_at = %s WHERE id = %s", (state, ctx.now, rule_set_id)
    )


def activate(ctx: Context, rule_set_id: int) -> None:
    """Make a version the one by which bins are chosen."""
    sql.execute(
        """
        UPDATE storage_putawayruleset SET state = 'active', activated_by_id = %s, activated_at = %s WHERE id = %s
        """,
        (ctx.actor_id, ctx.now, rule_set_id),
    )


def refuse_if_nothing_fits(ctx: Context, row: RuleSetRow) -> None:
    """Refuse a version under which items have no bin that have one today, were all bins empty. Eight statements.

    One unit of each item in use must fit; of what is in stock or on order the fewest units that came at one time
    within a year must, for a bin that takes one unit and no box of them is none.
    """
    facts = queries.active_item_needs()
    came = {i: n for i, n in queries_rules.least_put_away(row.site_id, ctx.now - YEAR).items() if i in facts}
    wanted = queries_rules.in_stock(list(came), row.site_id) | on_order(list(came), row.site_id).keys()
    shapes = queries_bins.shapes(row.site_id, PICKABLE)
    before = queries_rules.in_use(row.site_id).around
    lost: dict[int, tuple[int, str]] = {}
    for units_of in (dict.fromkeys(facts, 1), {item_id: came[item_id] for item_id in wanted}):
        goods: dict[int, Goods] = {
            item_id: goods_of([PutawayNeed("", 0, item_id, Units(units))], {item_id: facts[item_id]})
            for item_id, units in units_of.items()
            if item_id not in lost
        }
        today = rules_policy.without_bin(goods, shapes, before)
        then = rules_policy.without_bin(goods, shapes, row.in_use.around)
        lost |= {item_id: (units_of[item_id], why) for item_id, why in then.items() if item_id not in today}
    if not lost:
        return
    lines = [
        BadLine(i, "item", _lost_sentence(facts[item_id].sku, *lost[item_id]), "Change the rules or the bins.")
        for i, item_id in enumerate(list(lost)[:MOST_NAMED], start=1)
    ]
    count = "1 item that has a bin today" if len(lost) == 1 else f"{len(lost):,} items that have bins today"
    raise NothingPlaceable(
        f"{count} would have none under version {row.version}.", lines=lines, fix="Edit it as a new version."
    )


def _lost_sentence(sku: str, units: int, why: str) -> str:
    what = f"{sku} would have no bin" if units == 1 else f"{units:,} of {sku}, the fewest that came, would have no bin"
    return f"{what}: {why}"
