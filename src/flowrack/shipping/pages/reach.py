"""What the pages of a truck say of orders that cannot reach it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.platform.http import now
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shipping import queries_load_transfers, queries_reach, rules_reach
from flowrack.shipping.queries_board import LoadRow
from flowrack.shipping.queries_reach import TooLate


def words(row: LoadRow) -> str:
    """Which orders of a truck that has not closed cannot reach it; nothing where all can."""
    late = _late(row, row.cut_off_at, _orders(row)) if row.state in ("open", "loading") else []
    return _said(late)


def before(row: LoadRow, cut_off_at: datetime | None, order_ids: Sequence[int]) -> Invalid | None:
    """What is asked before a change is saved with which orders miss the truck that could reach it."""
    late = _late(row, cut_off_at, order_ids)
    known = {one.order_id for one in _late(row, row.cut_off_at, _orders(row))} if late else set()
    if new := [one for one in late if one.order_id not in known]:
        fix = "Choose a later cut-off, take them off, or change it all the same."
        return Invalid("Not all can reach it then.", lines=[BadLine(0, "cut_off_at", _said(new), "")], fix=fix)
    return None


def _orders(row: LoadRow) -> list[int]:
    return [one.order_id for one in queries_load_transfers.on_load(row.id) if one.order_id]


def _late(row: LoadRow, cut_off_at: datetime | None, order_ids: Sequence[int]) -> list[TooLate]:
    return queries_reach.too_late(row.site_id, order_ids, cut_off_at, now())


def _said(late: Sequence[TooLate]) -> str:
    if not late:
        return ""
    return rules_reach.cannot_reach([(one.number, one.units) for one in late], min(one.pick_until for one in late))
