"""What later stages may do to orders inside their own commands: move units between the counts of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from flowrack.ledger import steps as ledger
from flowrack.ledger.types import PoolClaim
from flowrack.platform import sql
from flowrack.platform.runner import Context, refuse_on
from flowrack.platform.sql import Asked
from flowrack.sales import locks
from flowrack.sales.types import LINE, FreePromise, LineCounts, LockedLine, OpenLine, TooLate, UnitsChange
from flowrack.shared.refs import ref


def claim_open_lines(site_id: int, order_ids: Sequence[int]) -> list[OpenLine]:
    """Lines that wait for stock, locked, in rank order. No order ids = every open order of the site."""
    return locks.open_lines(site_id, order_ids)


def claim_open_lines_with(
    site_id: int, order_ids: Sequence[int], beside: Sequence[Asked]
) -> tuple[list[OpenLine], list[list[tuple[Any, ...]]]]:
    """The same, with the answers to other questions that are asked behind the locks. One message for few orders."""
    if 0 < len(order_ids) <= locks.FEW_ORDERS:
        return locks.few_open_lines(site_id, order_ids, beside)
    return locks.open_lines(site_id, order_ids), [sql.fetch_all(*one) for one in beside]


def claim_lines_of_items(
    site_ids: Sequence[int], item_ids: Sequence[int], *, with_promised: bool = False
) -> list[OpenLine]:
    """Lines of sites that wait for items, locked, in rank order; `with_promised`: also those that hold promises."""
    return locks.lines_of_items(site_ids, item_ids, with_promised=with_promised)


def claim_still_open(line_ids: Sequence[int]) -> dict[int, int]:
    """Units that lines wait for now, by line, locked; without those that are held."""
    return locks.still_open(line_ids)


def claim_lines(line_ids: Sequence[int]) -> dict[int, tuple[int, LineCounts]]:
    """Order id and counts of lines, locked in id order."""
    return locks.lines(line_ids)


def claim_lines_of(order_id: int) -> dict[int, tuple[int, LineCounts]]:
    """Order id and counts of all lines of an order, locked in id order."""
    return locks.lines_of_order(order_id)


def claim_promises(line_ids: Sequence[int]) -> list[FreePromise]:
    """What is promised to lines and in no picker's hands, with the pools locked: the ledger locks them before cells."""
    return locks.promises(line_ids)


def claim_orders(order_ids: Sequence[int]) -> list[LockedLine]:
    """The lines of orders, locked in id order."""
    return locks.orders(order_ids)


def apply_units(changes: Iterable[UnitsChange]) -> None:
    """Move units between the counts of lines. One statement; the database refuses what would not add up."""
    total: dict[int, list[int]] = {}
    for change in changes:
        row = total.setdefault(change.line_id, [0, 0, 0, 0, 0])
        row[0] += change.allocated
        row[1] += change.released
        row[2] += change.picked
        row[3] += change.shipped
        row[4] += change.cancelled
    if not total:
        return
    columns = list(zip(*total.values(), strict=True))
    touched = sql.execute(
        """
        UPDATE sales_orderline l
        SET allocated_units = l.allocated_units + c.allocated, released_units = l.released_units + c.released,
            picked_units = l.picked_units + c.picked, shipped_units = l.shipped_units + c.shipped,
            cancelled_units = l.cancelled_units + c.cancelled
        FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS allocated, unnest(%s::bigint[]) AS released,
                     unnest(%s::bigint[]) AS picked, unnest(%s::bigint[]) AS shipped,
                     unnest(%s::bigint[]) AS cancelled) AS c
        WHERE l.id = c.id
        """,
        (list(total), *(list(column) for column in columns)),
    )
    assert touched == len(total), "every changed line exists"


def set_promises(ships_on: Mapping[int, date]) -> None:
    """The day on which lines are to leave, as told last; the first stays. One statement; the lines are locked."""
    if not ships_on:
        return
    sql.execute(
        """
        UPDATE sales_orderline l
        SET promised_on = p.on, first_promised_on = coalesce(l.first_promised_on, p.on)
        FROM unnest(%s::bigint[], %s::date[]) AS p(id, "on") WHERE l.id = p.id
        """,
        (list(ships_on), list(ships_on.values())),
    )


def release_units(units: Iterable[tuple[int, int]], order_ids: Sequence[int]) -> None:
    """Units of lines go to pickers; their orders are in picking. One statement."""
    total: dict[int, int] = {}
    for line_id, more in units:
        total[line_id] = total.get(line_id, 0) + more
    sql.execute(
        """
        WITH line AS (
            UPDATE sales_orderline l SET released_units = l.released_units + c.units
            FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS units) AS c WHERE l.id = c.id
        )
        UPDATE sales_order SET state = 'released' WHERE id = ANY(%s::bigint[]) AND state = 'confirmed'
        """,
        (list(total), list(total.values()), list(order_ids)),
    )


def ship_units(units: Iterable[tuple[int, int]], lines: Sequence[LockedLine], *, at: datetime) -> None:
    """Picked units of lines have left: one shipment more of each order. One statement.

    Orders of which every unit is shipped or cancelled are closed. `lines` are all lines of these orders, as they were
    locked; each order has units that leave.
    """
    _ship(units, lines, "picked_units", at)


def ship_promised(units: Iterable[tuple[int, int]], lines: Sequence[LockedLine], *, at: datetime) -> None:
    """The same for promised units that left without a pick. One statement."""
    _ship(units, lines, "allocated_units", at)


def _ship(
    units: Iterable[tuple[int, int]],
    lines: Sequence[LockedLine],
    column: Literal["picked_units", "allocated_units"],
    at: datetime,
) -> None:
    total: dict[int, int] = {}
    for line_id, more in units:
        total[line_id] = total.get(line_id, 0) + more
    still_open: dict[int, int] = {}
    for line in lines:
        rest = line.counts.units - line.counts.cancelled - line.counts.shipped - total.get(line.line_id, 0)
        still_open[line.order_id] = still_open.get(line.order_id, 0) + rest
    sql.execute(
        f"""
        WITH left_house AS (
            UPDATE sales_orderline l
            SET {column} = l.{column} - c.units, shipped_units = l.shipped_units + c.units
            FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS units) AS c WHERE l.id = c.id
        )
        UPDATE sales_order o
        SET shipments = o.shipments + 1, state = CASE WHEN c.is_done THEN 'shipped' ELSE o.state END,
            finished_at = CASE WHEN c.is_done THEN %s ELSE o.finished_at END
        FROM unnest(%s::bigint[], %s::boolean[]) AS c(id, is_done)
        WHERE o.id = c.id AND o.state IN ('confirmed', 'released')
        """,  # noqa: S608 - one of two columns
        (
            *(list(total), list(total.values()), at),
            *(list(still_open), [rest == 0 for rest in still_open.values()]),
        ),
    )


def mark_recalled(order_ids: Sequence[int]) -> None:
    """Orders of which nothing is in picking or picked any more are plain confirmed orders again. One statement."""
    sql.execute(
        """
        UPDATE sales_order o SET state = 'confirmed'
        WHERE o.id = ANY(%s::bigint[]) AND o.state = 'released' AND NOT EXISTS (
            SELECT FROM sales_orderline l
            WHERE l.order_id = o.id AND (l.released_units > 0 OR l.picked_units > 0 OR l.shipped_units > 0)
        )
        """,
        (list(order_ids),),
    )


def settle_orders(order_ids: Sequence[int], *, at: datetime) -> None:
    """Close orders of which every unit is shipped or cancelled. One statement."""
    sql.execute(
        """
        UPDATE sales_order o SET state = s.state, finished_at = %s
        FROM (
            SELECT l.order_id, CASE WHEN sum(l.shipped_units) = 0 THEN 'cancelled' ELSE 'shipped' END AS state
            FROM sales_orderline l WHERE l.order_id = ANY(%s::bigint[])
            GROUP BY l.order_id HAVING sum(l.units) = sum(l.shipped_units + l.cancelled_units)
        ) AS s
        WHERE o.id = s.order_id AND o.state IN ('confirmed', 'released')
        """,
        (at, list(order_ids)),
    )


def unpromise(ctx: Context, wanted: dict[int, int]) -> list[PoolClaim]:
    """Take promised units of lines back that are not in picking: units by line. The claims that were given up.

    The promise made last goes first. Units reserved for a picker are not touched; whoever asks has checked that enough
    others are promised. Two statements.
    """
    asked = {line_id: units for line_id, units in wanted.items() if units > 0}
    if not asked:
        return []
    claims: list[PoolClaim] = []
    left = dict(asked)
    for promise in locks.promises(sorted(asked)):
        units = min(left[promise.line_id], promise.units)
        if units > 0:
            left[promise.line_id] -= units
            claims.append(
                PoolClaim(
                    item_id=promise.item_id,
                    site_id=promise.site_id,
                    units=units,
                    ref=ref(LINE, promise.line_id),
                    lot_id=promise.lot_id,
                    owner_id=promise.owner_id,
                )
            )
    assert not any(left.values()), "the counts of a line agree with the ledger's commitments"
    ledger.uncommit(ctx, claims)
    return claims


def _too_late() -> TooLate:
    return TooLate(
        "Somebody has changed these order lines in the meantime.", fix="Open the order again and see how it stands."
    )


for _name in ("sales_line_open_not_negative", "sales_line_released_within_allocated", "sales_line_counts_not_negative"):
    refuse_on(_name, _too_late)
