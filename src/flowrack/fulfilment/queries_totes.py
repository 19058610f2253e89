"""Reads of totes: what is in them, and on which cart they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flowrack.fulfilment.rules_totes import Position, ToteSeen, letter_of
from flowrack.platform import sql


def numbers_of(order_ids: Sequence[int]) -> list[str]:
    """The numbers of orders. One query."""
    rows = sql.fetch_all("SELECT number FROM sales_order WHERE id = ANY(%s::bigint[]) ORDER BY id", (list(order_ids),))
    return [row[0] for row in rows]


def totes_seen(tote_ids: Sequence[int]) -> dict[int, ToteSeen]:
    """Totes by id: whose goods are in them and on which cart they stand. One query."""
    rows = sql.fetch_all(
        """
        SELECT n.id, n.code, n.closed_at IS NOT NULL, n.site_id, ARRAY(
                   SELECT DISTINCT o.order_id FROM ledger_cell e
                   JOIN ledger_reservation r ON r.cell_id = e.id AND r.ref LIKE 'sales.line:%%'
                   JOIN sales_orderline o ON o.id = substr(r.ref, 12)::bigint
                   WHERE e.lpn_id = n.id AND e.on_hand > 0 AND e.state = 'staged'
               ), coalesce(t.pick_list_id, 0), coalesce(l.number, ''), coalesce(t.position, 0), coalesce(t.order_id, 0)
        FROM locations_lpn n LEFT JOIN fulfilment_picklisttote t ON t.tote_id = n.id AND t.is_bound
        LEFT JOIN fulfilment_picklist l ON l.id = t.pick_list_id
        WHERE n.id = ANY(%s::bigint[]) AND n.id > 0
        """,
        (list(tote_ids),),
    )
    return {row[0]: _seen(row) for row in rows}


def positions_of(list_ids: Sequence[int]) -> dict[tuple[int, int], Position]:
    """The positions of carts by list and order (0: of all orders), each with the tote that stands there. One query."""
    rows = sql.fetch_all(
        """
        SELECT t.pick_list_id, coalesce(t.order_id, 0), t.id, t.position, coalesce(t.tote_id, 0),
               coalesce(n.code, ''), t.is_bound
        FROM fulfilment_picklisttote t LEFT JOIN locations_lpn n ON n.id = t.tote_id
        WHERE t.pick_list_id = ANY(%s::bigint[]) AND NOT t.is_full
        """,
        (list(list_ids),),
    )
    return {(row[0], row[1]): Position(row[2], letter_of(row[3]), *row[4:]) for row in rows}


def _seen(row: tuple[Any, ...]) -> ToteSeen:
    tote_id, code, is_closed, site_id, orders, list_id, number, position, order_id = row
    return ToteSeen(tote_id, code, is_closed, site_id, frozenset(orders), list_id, number, position, order_id)


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """A tote that a list still fills: somebody may walk with it. So many picks of the list are done.

    LPN 0: loose goods of the order that `tote` names, of which the list picks more.
    """

    lpn_id: int
    tote: str
    number: str
    cart: str
    done: int
    of: int

    @property
    def words(self) -> str:
        """Why it stays where it is."""
        if not self.lpn_id:
            return f"{self.number} still picks more of {self.tote}, {self.done:,} of {self.of:,}."
        return f"{self.tote} is still being filled by {self.number}, {self.done:,} of {self.of:,}."

    @property
    def fix(self) -> str:
        """When it may go."""
        return "Its picker brings it when the list is done."


def with_picker(lpn: str, order: str) -> str:
    """SQL: whether goods of an order on a plate are still with a picker. `lpn` and `order` are columns of a query.

    A tote is while a list that is not done fills it, and while goods in it go back into their bins; loose goods are
    while the list that picked some of them picks more of their order. No truck takes them until then.
    """
    return f"""(
        {lpn} > 0 AND EXISTS (SELECT FROM fulfilment_picklisttote f WHERE f.tote_id = {lpn} AND f.is_bound)
        OR {lpn} > 0 AND EXISTS (SELECT FROM fulfilment_pickline b WHERE b.tote_id = {lpn} AND b.state = 'going_back')
        OR {lpn} = 0 AND EXISTS (
            SELECT FROM fulfilment_pickline f JOIN fulfilment_pickline done ON done.pick_list_id = f.pick_list_id
                AND done.order_id = f.order_id AND done.state = 'picked' AND done.tote_id = 0
            WHERE f.order_id = {order} AND f.state = 'open'
        )
    )"""  # noqa: S608 - constant columns


def loose_with(order_id: int) -> OnTheWay | None:
    """The list that picks more of an order of which it brought loose goods; None when there is none. One query."""
    row = sql.fetch_one(
        """
        SELECT 0::bigint, o.number, l.number, '', p.done, p.picks
        FROM fulfilment_pickline f JOIN fulfilment_picklist l ON l.id = f.pick_list_id
        JOIN sales_order o ON o.id = f.order_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS picks, count(*) FILTER (WHERE x.state <> 'open') AS done
            FROM fulfilment_pickline x WHERE x.pick_list_id = l.id AND x.state <> 'cancelled'
        ) AS p
        WHERE f.order_id = %s AND f.state = 'open'
          AND EXISTS (SELECT FROM fulfilment_pickline d WHERE d.pick_list_id = f.pick_list_id AND d.state = 'picked'
                      AND d.order_id = f.order_id AND d.tote_id = 0)
        ORDER BY l.id LIMIT 1
        """,
        (order_id,),
    )
    return OnTheWay(*row) if row else None


def on_the_way(lpn_ids: Iterable[int]) -> dict[int, OnTheWay]:
    """Which of these totes stand on lists that are not done. One query."""
    rows = sql.fetch_all(
        """
        SELECT n.id, n.code, l.number, coalesce(k.code, ''), p.done, p.picks
        FROM fulfilment_picklisttote t JOIN fulfilment_picklist l ON l.id = t.pick_list_id
        JOIN locations_lpn n ON n.id = t.tote_id LEFT JOIN fulfilment_cart k ON k.id = l.cart_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS picks, count(*) FILTER (WHERE x.state <> 'open') AS done
            FROM fulfilment_pickline x WHERE x.pick_list_id = l.id AND x.state <> 'cancelled'
        ) AS p
        WHERE t.tote_id = ANY(%s::bigint[]) AND t.tote_id > 0 AND t.is_bound
        """,
        (sorted(set(lpn_ids)),),
    )
    return {row[0]: OnTheWay(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class GoingBack:
    """A tote in which goods stand that go back into their bins."""

    tote: str
    units: int

    @property
    def words(self) -> str:
        """Why it stays where it is."""
        go = "unit goes" if self.units == 1 else "units go"
        return f"{self.units:,} {go} back out of {self.tote} first: nobody wants them any more."

    @property
    def fix(self) -> str:
        """When it may go."""
        return "Put them back by scan (Put back), then load it."


def not_to_load(lpn_ids: Iterable[int]) -> dict[int, OnTheWay | GoingBack]:
    """Which of these plates no truck takes yet: lists fill them, or goods in them go back. Two queries."""
    asked = sorted(set(lpn_ids))
    rows = sql.fetch_all(
        """
        SELECT n.id, n.code, sum(p.units)::bigint FROM fulfilment_pickline p JOIN locations_lpn n ON n.id = p.tote_id
        WHERE p.tote_id = ANY(%s::bigint[]) AND p.tote_id > 0 AND p.state = 'going_back' GROUP BY n.id
        """,
        (asked,),
    )
    return {row[0]: GoingBack(*row[1:]) for row in rows} | on_the_way(asked)


def to_pick(order_id: int) -> list[tuple[str, int]]:
    """Which lists still pick goods of an order, and how many units. One query."""
    return [
        (number, units)
        for number, units in sql.fetch_all(
            """
            SELECT l.number, sum(p.units)::bigint
            FROM fulfilment_pickline p JOIN fulfilment_picklist l ON l.id = p.pick_list_id
            WHERE p.order_id = %s AND p.state = 'open' GROUP BY l.id ORDER BY l.id LIMIT 20
            """,
            (order_id,),
        )
    ]
