"""The moves themselves: what came and went, when, by whom and for which record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One move as people read it."""

    move_id: int
    posting_id: int
    occurred_at: datetime
    item_id: int
    sku: str
    lot_id: int
    lot_code: str
    from_location_id: int
    from_location: str
    from_lpn: str
    from_state: str
    to_location_id: int
    to_location: str
    to_lpn: str
    to_state: str
    units: int
    value: Decimal
    reason: str
    origin: str
    demand: str
    actor: str
    of_move_id: int


_MOVE_SELECT = """
    SELECT m.id, m.posting_id, p.occurred_at, f.item_id, i.sku, f.lot_id, lot.code,
           fl.id, fl.code, flpn.code, f.state, tl.id, tl.code, tlpn.code, t.state,
           m.units, m.value, m.reason, m.origin, m.demand, u.full_name, m.of_move_id
      FROM ledger_move m
      JOIN ledger_posting p ON p.id = m.posting_id
      JOIN platform_user u ON u.id = p.actor_id
      JOIN ledger_cell f ON f.id = m.from_cell_id
      JOIN ledger_cell t ON t.id = m.to_cell_id
      JOIN catalog_item i ON i.id = f.item_id
      JOIN catalog_lot lot ON lot.id = f.lot_id
      JOIN locations_location fl ON fl.id = f.location_id
      JOIN locations_location tl ON tl.id = t.location_id
      JOIN locations_lpn flpn ON flpn.id = f.lpn_id
      JOIN locations_lpn tlpn ON tlpn.id = t.lpn_id
"""


def moves_of_cells(cell_ids: Sequence[int], *, before: int | None = None, limit: int = 100) -> list[MoveRow]:
    """The latest moves into or out of these cells, newest first; `before` is the id to go on from. One query."""
    rows = sql.fetch_all(
        f"""
        WITH its AS MATERIALIZED (
            SELECT m.id FROM ledger_move m WHERE m.from_cell_id = ANY (%(cells)s::bigint[])
            UNION
            SELECT m.id FROM ledger_move m WHERE m.to_cell_id = ANY (%(cells)s::bigint[])
        )
        {_MOVE_SELECT}
         WHERE m.id = ANY (ARRAY (SELECT id FROM its WHERE %(before)s::bigint IS NULL OR id < %(before)s::bigint
                                   ORDER BY id DESC LIMIT %(limit)s))
         ORDER BY m.id DESC
        """,  # noqa: S608 - constant columns
        {"cells": list(cell_ids), "before": before, "limit": limit},
    )
    return [MoveRow(*row) for row in rows]


def moves_of_lot(lot_id: int, *, limit: int = 10_000) -> list[MoveRow]:
    """Every move of a lot or serial, oldest first: its whole history from supplier to customer. One query."""
    rows = sql.fetch_all(
        f"""
        WITH its AS MATERIALIZED (
            SELECT m.id FROM ledger_move m
             WHERE m.from_cell_id = ANY (ARRAY (SELECT id FROM ledger_cell WHERE lot_id = %(lot)s AND lot_id <> 0))
        )
        {_MOVE_SELECT}
         WHERE m.id = ANY (ARRAY (SELECT id FROM its ORDER BY id LIMIT %(limit)s)) ORDER BY m.id
        """,  # noqa: S608 - constant columns
        {"lot": lot_id, "limit": limit},
    )
    return [MoveRow(*row) for row in rows]


def moves_of_item(item_id: int, *, before: int | None = None, limit: int = 100) -> list[MoveRow]:
    """The latest moves of an item, newest first. One query."""
    ids = [row[0] for row in sql.fetch_all("SELECT id FROM ledger_cell WHERE item_id = %s", (item_id,))]
    return moves_of_cells(ids, before=before, limit=limit)


def moves_by(*, origins: Sequence[str] = (), demands: Sequence[str] = (), limit: int = 1_000) -> list[MoveRow]:
    """Moves that these records caused, or whose claims belong to these demands, oldest first. One query."""
    rows = sql.fetch_all(
        f"""
        {_MOVE_SELECT}
         WHERE (m.origin = ANY (%s::text[]) AND m.origin <> '') OR (m.demand = ANY (%s::text[]) AND m.demand <> '')
         ORDER BY m.id LIMIT %s
        """,
        (list(origins), list(demands), limit),
    )
    return [MoveRow(*row) for row in rows]


def recent_moves(*, before: int | None = None, limit: int = 100) -> list[MoveRow]:
    """The latest moves of all. One query."""
    rows = sql.fetch_all(
        f"{_MOVE_SELECT} WHERE %s::bigint IS NULL OR m.id < %s::bigint ORDER BY m.id DESC LIMIT %s",
        (before, before, limit),
    )
    return [MoveRow(*row) for row in rows]
