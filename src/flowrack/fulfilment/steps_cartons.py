"""Writes of planned cartons, in the transaction of the release or the call back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.fulfilment import queries_cartons as queries
from flowrack.fulfilment import queries_freight
from flowrack.fulfilment.locks import LockedPick
from flowrack.fulfilment.rules import PickPlan
from flowrack.fulfilment.rules_cartons import AS_IT_IS
from flowrack.platform import sql


def plan_cartons(wave_id: int, picks: Sequence[PickPlan], on: date) -> int:
    """Plan and keep the cartons of what is to be picked, by the freight of a day: how many. Those of an order that
    the wave has already are followed by these. A fixed number of statements, whatever the number of lines."""
    orders: dict[int, dict[int, int]] = {}
    for pick in picks:
        units = orders.setdefault(pick.demand.order_id, {})
        units[pick.demand.item_id] = units.get(pick.demand.item_id, 0) + pick.units
    kinds = queries.kinds()
    freights = queries_freight.freights(orders, kinds, on)
    last = queries.last_numbers(wave_id, sorted(orders))
    rows = [
        (order_id, n, carton)
        for order_id, plan in sorted(queries.plans(orders, kinds, freights).items())
        for n, carton in enumerate(plan.cartons, last.get(order_id, 0) + 1)
    ]
    if rows:
        lines = [(n, item, units) for n, row in enumerate(rows) for item, units in row[2].units]
        sql.execute(
            """
            WITH head AS (
                INSERT INTO fulfilment_plannedcarton (wave_id, order_id, number, carton_type_id, weight_g, filled,
                                                      freight)
                SELECT %s, r.order_id, r.number, nullif(r.type_id, %s), r.weight_g, r.filled, r.freight
                FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::int[], %s::int[], %s::numeric[])
                     AS r(order_id, number, type_id, weight_g, filled, freight)
                RETURNING id, order_id, number
            )
            INSERT INTO fulfilment_plannedcartonline (carton_id, item_id, units)
            SELECT head.id, l.item_id, l.units
            FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[]) WITH ORDINALITY
                 AS l(order_id, number, item_id, units, place)
            JOIN head ON head.order_id = l.order_id AND head.number = l.number ORDER BY l.place
            """,
            (
                wave_id,
                AS_IT_IS,
                [order_id for order_id, _, _ in rows],
                [n for _, n, _ in rows],
                [carton.type_id for _, _, carton in rows],
                [carton.weight_g for _, _, carton in rows],
                [carton.filled for _, _, carton in rows],
                [carton.freight for _, _, carton in rows],
                [rows[n][0] for n, _, _ in lines],
                [rows[n][1] for n, _, _ in lines],
                [item for _, item, _ in lines],
                [units for _, _, units in lines],
            ),
        )
    return len(rows)


def drop_plans(picks: Sequence[LockedPick]) -> None:
    """Forget the cartons of orders of which nothing of the wave is left to pick or pack. One statement."""
    sql.execute(
        """
        WITH gone AS (
            SELECT p.id FROM fulfilment_plannedcarton p
            JOIN (SELECT DISTINCT * FROM unnest(%s::bigint[], %s::bigint[]) AS d(wave_id, order_id)) AS d
                 ON d.wave_id = p.wave_id AND d.order_id = p.order_id
            WHERE NOT EXISTS (
                SELECT FROM fulfilment_pickline l
                WHERE l.wave_id = p.wave_id AND l.order_id = p.order_id AND l.state IN ('open', 'picked')
            )
        ), lines AS (DELETE FROM fulfilment_plannedcartonline l USING gone WHERE l.carton_id = gone.id)
        DELETE FROM fulfilment_plannedcarton p USING gone WHERE p.id = gone.id
        """,
        ([pick.wave_id for pick in picks], [pick.order_id for pick in picks]),
    )
