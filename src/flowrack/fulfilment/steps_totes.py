"""Writes of the totes on carts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flowrack.fulfilment.types import WrongTote
from flowrack.platform import sql
from flowrack.platform.runner import refuse_on


def bind(totes: Mapping[int, int]) -> None:
    """Set totes on positions (row -> tote). Refuses with WrongTote when one was set elsewhere meanwhile.

    One statement.
    """
    if totes:
        sql.execute(
            """
            UPDATE fulfilment_picklisttote t SET tote_id = b.tote_id, is_bound = true
            FROM unnest(%s::bigint[], %s::bigint[]) AS b(id, tote_id) WHERE t.id = b.id
            """,
            (list(totes), list(totes.values())),
        )


def free_if_empty(tote_ids: Iterable[int]) -> None:
    """Of these totes, what holds nothing any more frees its place on a list at work for another one: its last pick was
    put back, or its goods were taken out elsewhere. One statement."""
    sql.execute(
        """
        UPDATE fulfilment_picklisttote t SET tote_id = NULL, is_bound = false FROM fulfilment_picklist l
        WHERE t.tote_id = ANY(%s::bigint[]) AND NOT t.is_full AND l.id = t.pick_list_id
          AND l.state IN ('open', 'taken', 'parked')
          AND NOT EXISTS (SELECT FROM ledger_cell c WHERE c.lpn_id = t.tote_id AND c.on_hand > 0)
        """,
        (sorted(set(tote_ids)),),
    )


def follow(list_id: int, tote_id: int) -> int:
    """The tote is full: its position waits for another one. How many positions it stood at. One statement."""
    return len(
        sql.fetch_all(
            """
            WITH filled AS (
                UPDATE fulfilment_picklisttote SET is_full = true, is_bound = false
                WHERE pick_list_id = %s AND tote_id = %s AND NOT is_full RETURNING pick_list_id, position, order_id
            )
            INSERT INTO fulfilment_picklisttote (pick_list_id, position, order_id)
            SELECT pick_list_id, position, order_id FROM filled RETURNING id
            """,
            (list_id, tote_id),
        )
    )


def _stands_elsewhere() -> WrongTote:
    return WrongTote("This tote was put on another cart at this moment.", fix="Scan another tote.")


refuse_on("tote_on_one_cart", _stands_elsewhere)
