"""What costing can tell: values by account, item, site and state, now and at the end of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.costing.types import BalanceRow, ValueOnDay
from flowrack.ledger import queries as stock
from flowrack.ledger.types import STATES
from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class ItemCost:
    """How an item is costed."""

    item_id: int
    sku: str
    costing: str
    standard_cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A move by which own stock came in from outside, and (FIFO) what is left of its layer."""

    move_id: int
    item_id: int
    lot_id: int
    site_id: int
    units: int
    value: Decimal
    layer_left: int | None


@dataclass(frozen=True, slots=True)
class StateValue:
    """Units of a site in one state and what they are worth at the items' present unit costs."""

    site_id: int
    state: str
    units: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class LateCostRow:
    """A late cost as the list shows it."""

    id: int
    number: str
    reason: str
    amount: Decimal
    stock_value: Decimal
    sold_value: Decimal
    posted_by: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class RevaluationRow:
    """A revaluation as the list shows it."""

    id: int
    number: str
    reason: str
    state: str
    items: int
    value: Decimal
    proposed_by: str
    proposed_by_id: int
    proposed_at: datetime
    approved_by: str


ITEM_VALUES = """
    SELECT i.id * 100000 + s.id AS id, i.id AS item_id, i.sku, i.name, i.costing, s.id AS site_id, s.code AS site,
           k.units, k.value, CASE WHEN k.units > 0 THEN round(k.value / k.units, 4) END AS unit_cost
    FROM (
        SELECT item_id, site_id, sum(units)::bigint AS units, sum(value) AS value FROM ledger_book
        WHERE account IN ('inventory', 'in_transit') GROUP BY 1, 2
    ) k
    JOIN catalog_item i ON i.id = k.item_id
    JOIN locations_site s ON s.id = k.site_id
    WHERE k.units <> 0 OR k.value <> 0
"""

LATE_COSTS = """
    SELECT c.id, c.number, c.reason, c.amount, c.stock_value, c.sold_value, u.full_name AS posted_by, c.posted_at
    FROM costing_latecost c JOIN platform_user u ON u.id = c.posted_by_id
"""

REVALUATIONS = """
    SELECT r.id, r.number, r.reason, r.state, (SELECT count(*) FROM costing_revaluationline l
           WHERE l.revaluation_id = r.id) AS items, r.value, u.full_name AS proposed_by, u.id AS proposed_by_id,
           r.proposed_at, coalesce(a.full_name, '') AS approved_by
    FROM costing_revaluation r JOIN platform_user u ON u.id = r.proposed_by_id
    LEFT JOIN platform_user a ON a.id = r.approved_by_id
"""


def item_costs(item_ids: Sequence[int]) -> dict[int, ItemCost]:
    """How these items are costed. One query."""
    rows = sql.fetch_all(
        "SELECT id, sku, costing, standard_cost FROM catalog_item WHERE id = ANY(%s::bigint[])", (list(item_ids),)
    )
    return {row[0]: ItemCost(*row) for row in rows}


def receipts(move_ids: Sequence[int]) -> dict[int, Receipt]:
    """Receipts of own stock by move; moves that are no receipts are left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT m.id, c.item_id, c.lot_id, c.site_id, m.units, m.value, l.units_left
        FROM ledger_move m
        JOIN ledger_cell f ON f.id = m.from_cell_id
        JOIN ledger_cell c ON c.id = m.to_cell_id
        LEFT JOIN ledger_layer l ON l.move_id = m.id
        WHERE m.id = ANY(%s::bigint[]) AND m.units > 0 AND f.is_virtual AND NOT c.is_virtual AND c.owner_id = 1
        """,
        (list(move_ids),),
    )
    return {row[0]: Receipt(*row) for row in rows}


def trial_balance(site_id: int = 0) -> list[BalanceRow]:
    """Value per account and site, from running totals; sums to zero. Two queries."""
    codes = _site_codes()
    return [BalanceRow(r.account, r.site_id, codes[r.site_id], r.value) for r in stock.trial_balance(site_id)]


def trial_balance_at(day: date, site_id: int = 0) -> list[BalanceRow]:
    """The same at the end of a day. Two queries."""
    codes = _site_codes()
    return [BalanceRow(r.account, r.site_id, codes[r.site_id], r.value) for r in stock.trial_balance_at(day, site_id)]


def _site_codes() -> dict[int, str]:
    return dict(sql.fetch_all("SELECT id, code FROM locations_site"))


def value_at(day: date, site_id: int = 0) -> list[ValueOnDay]:
    """Units and value of all own stock at the end of a day, per account of stock. One query."""
    found: dict[str, ValueOnDay] = {}
    for row in stock.trial_balance_at(day, site_id):
        if row.account in ("inventory", "in_transit"):
            before = found.get(row.account, ValueOnDay(day, row.account, 0, Decimal(0)))
            found[row.account] = ValueOnDay(day, row.account, before.units + row.units, before.value + row.value)
    return [found[account] for account in sorted(found)]


def value_now(site_id: int = 0) -> Decimal:
    """The value of all own stock now. One query."""
    total: Decimal = sql.fetch_value(
        "SELECT coalesce(sum(value), 0) FROM ledger_book WHERE account IN ('inventory', 'in_transit')"
        " AND (%s = 0 OR site_id = %s)",
        (site_id, site_id),
    )
    return total


def value_by_state(site_id: int = 0) -> list[StateValue]:
    """Units and value of own stock by site and state, at present unit costs. One query over pools and books."""
    columns = ", ".join(f"sum(p.{s})::bigint, coalesce(round(sum(p.{s} * k.cost), 2), 0)" for s in STATES)
    rows = sql.fetch_all(
        f"""
        WITH k AS MATERIALIZED (
            SELECT item_id, site_id, sum(value) / nullif(sum(units), 0) AS cost FROM ledger_book
            WHERE account IN ('inventory', 'in_transit') GROUP BY 1, 2
        )
        SELECT p.site_id, {columns}, sum(p.committed)::bigint, coalesce(round(sum(p.committed * k.cost), 2), 0)
        FROM ledger_pool p LEFT JOIN k ON k.item_id = p.item_id AND k.site_id = p.site_id
        WHERE p.owner_id = 1 AND (%s = 0 OR p.site_id = %s) GROUP BY 1 ORDER BY 1
        """,  # noqa: S608 - constant columns
        (site_id, site_id),
    )
    names = [*(str(s) for s in STATES), "allocated"]
    return [StateValue(row[0], name, row[1 + 2 * n], row[2 + 2 * n]) for row in rows for n, name in enumerate(names)]


def moves_of_receipt(number: str) -> list[int]:
    """The moves by which a receipt brought stock in, goods included that came without an order and were put on it
    where they stood. One query."""
    rows = sql.fetch_all(
        """
        WITH r AS (SELECT id FROM inbound_receipt WHERE number = upper(%s))
        SELECT m.id FROM r JOIN ledger_move m ON m.origin = 'inbound.receipt:' || r.id
        JOIN ledger_cell f ON f.id = m.from_cell_id
        WHERE f.is_virtual AND m.units > 0
        UNION
        SELECT d.move_id FROM r JOIN inbound_discrepancy d ON d.receipt_id = r.id AND d.move_id > 0
        WHERE d.state = 'settled'
          AND NOT EXISTS (SELECT FROM ledger_posting b WHERE b.reverses_id = d.posting_id)
        ORDER BY 1
        """,
        (number.strip(),),
    )
    return [row[0] for row in rows]
