"""Writes of packing that is proved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flowrack.fulfilment.types import StagedUnits
from flowrack.fulfilment.types_packing import CartonWeighed, PackRuleOf
from flowrack.platform import sql
from flowrack.platform.runner import Context

Keeper = Callable[[Sequence[int], Sequence[int]], None]
_keepers: list[Keeper] = []


def register_keeper(keeper: Keeper) -> None:
    """Make known who refuses that plates are opened: they stand on a pallet, or on a truck."""
    _keepers.append(keeper)


def refuse_kept(lpn_ids: Sequence[int], *, loose_of: Sequence[int] = ()) -> None:
    """Refuse to open or fill plates that a later stage keeps as they are, and to take loose goods of these orders."""
    for keep in _keepers:
        keep(lpn_ids, loose_of)


def replace_rules(rules: Sequence[PackRuleOf], customers: Mapping[str, int]) -> None:
    """These rules in place of all before. Two statements."""
    sql.execute("DELETE FROM fulfilment_packrule")
    sql.execute(
        """
        INSERT INTO fulfilment_packrule (site_id, customer_id, tolerance_permille, least_g, must_weigh, must_check,
                                         prints_slip, unchecked_reason)
        SELECT nullif(r.site_id, 0), nullif(r.customer_id, 0), r.tolerance, r.least, r.must_weigh, r.must_check,
               r.prints_slip, r.reason
        FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::bool[], %s::bool[], %s::bool[], %s::text[])
             AS r(site_id, customer_id, tolerance, least, must_weigh, must_check, prints_slip, reason)
        """,
        (
            [rule.site_id for rule in rules],
            [customers.get(rule.customer, 0) for rule in rules],
            [rule.tolerance_permille for rule in rules],
            [rule.least_g for rule in rules],
            [rule.must_weigh for rule in rules],
            [rule.must_check for rule in rules],
            [rule.prints_slip for rule in rules],
            [rule.unchecked_reason.strip() for rule in rules],
        ),
    )


def insert_weighing(ctx: Context, weighed: CartonWeighed, *, reason: str = "", photo: str = "") -> None:
    """Keep a weighing, and the weight on its carton. Two statements."""
    sql.execute(
        """
        INSERT INTO fulfilment_cartonweighing (carton_id, expected_g, weight_g, tolerance_g, state, reason, photo,
                                               weighed_by_id, weighed_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            weighed.carton_id, weighed.expected_g, weighed.weight_g, weighed.tolerance_g, weighed.state, reason, photo,
            ctx.actor_id, ctx.now,
        ),
    )  # fmt: skip
    sql.execute("UPDATE fulfilment_carton SET weight_g = %s WHERE id = %s", (weighed.weight_g, weighed.carton_id))


def rewrite_lines(
    ctx: Context,
    cartons: Mapping[int, int],
    inside: Sequence[StagedUnits],
    *,
    fresh: int = 0,
    filled: Mapping[int, int | None],
) -> None:
    """Write down what is in cartons (id -> plate) now, as the ledger has it, and how full they are (permille; None: not
    known); what was proved of them counts no more.

    A `fresh` one was just written. Three statements.
    """
    of_plate = {lpn_id: carton_id for carton_id, lpn_id in cartons.items()}
    ids = [carton_id for carton_id in cartons if carton_id != fresh]
    sql.execute("DELETE FROM fulfilment_cartonline WHERE carton_id = ANY(%s::bigint[])", (ids,))
    rows = [(of_plate[row.lpn_id], row) for row in inside if of_plate[row.lpn_id] != fresh]
    if rows:
        sql.execute(
            """
            INSERT INTO fulfilment_cartonline (carton_id, order_line_id, item_id, lot_id, units)
            SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
            """,
            (
                [carton_id for carton_id, _ in rows],
                [row.line_id for _, row in rows],
                [row.item_id for _, row in rows],
                [row.lot_id for _, row in rows],
                [row.units for _, row in rows],
            ),
        )
    sql.execute(
        """
        UPDATE fulfilment_carton k SET changed_at = %s, weight_g = 0, filled = x.filled
        FROM unnest(%s::bigint[], %s::int[]) AS x(id, filled) WHERE k.id = x.id
        """,
        (ctx.now, ids, [filled[carton_id] for carton_id in ids]),
    )
