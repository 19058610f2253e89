"""What the tests of promise begin with: a stocked house and questions of Kim."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests import outbound, supply
from tests.cast import KIM, NOW, ctx

from flowrack.platform import outbox, sql
from flowrack.promise import commands
from flowrack.promise.types import PlaceQuote, Question, QuotePlaced

TODAY = date(2026, 3, 2)  # a Monday, 9:00
WED = date(2026, 3, 4)


def house(units: int = 100, *, sku: str = "V-200", tier: str = "B", policy: str = "partial") -> outbound.House:
    """A house with units of one item in a bin, and the customer ACME."""
    at = outbound.house()
    outbound.customer("ACME", tier=tier, policy=policy)
    item = outbound.item(sku)
    if units:
        outbound.receive(at, item, units, "1", "reserve1")
    return at


def item_id(sku: str = "V-200") -> int:
    """The id of an item."""
    return int(sql.fetch_value("SELECT id FROM catalog_item WHERE sku = %s", (sku,)))


def po(at: outbound.House, units: int, due: date) -> supply.PoCreated:
    """An approved order of V-200, due on a day."""
    return supply.approved(at.site, supply.supplier(), (item_id(), units, "4"), due=due)


def question(units: object = 40, **more: Any) -> Question:
    """ACME wants units of V-200."""
    return Question(**{"customer": "ACME", "item": "V-200", "quantity": Decimal(str(units)), **more})


def substitute(at: outbound.House, units: int, sku: str = "V-201") -> int:
    """Units of an item that stands for V-200, one for one; customers agree. Its id."""
    other = outbound.item(sku)
    outbound.receive(at, other, units, "1")
    sql.execute(
        "INSERT INTO catalog_substitute (item_id, replaces_with_id, ratio_num, ratio_den, needs_consent) "
        "VALUES (%s, %s, 1, 1, true)",
        (item_id(), other),
    )
    sql.execute("UPDATE parties_customerterms SET substitutes = 'yes'")
    return other


def quote(units: object = 40, option: str = "one_day", **more: Any) -> QuotePlaced:
    """Kim holds them."""
    return commands.place_quote(ctx(KIM), PlaceQuote(question(units, **more), option))


def committed() -> int:
    """Units of all pools that are promised."""
    return int(sql.fetch_value("SELECT coalesce(sum(committed), 0)::bigint FROM ledger_pool"))


def state_of(quote_id: int) -> str:
    """Where a quote stands."""
    return str(sql.fetch_value("SELECT state FROM promise_quote WHERE id = %s", (quote_id,)))


def drain() -> None:
    """Later stages hear of what happened."""
    outbox.drain(now=NOW)


def promises() -> list[tuple[date | None, date | None]]:
    """First and latest promise of every order line, in order of id."""
    return sql.fetch_all("SELECT first_promised_on, promised_on FROM sales_orderline ORDER BY order_id, line_no")


TABLES = (
    "promise_quote", "promise_quotepart", "promise_linepromise", "allocation_customernotice", "ledger_commitment",
    "platform_commandrecord", "platform_decision", "platform_outboxevent",
)  # fmt: skip


def rows() -> dict[str, int]:
    """Rows of every table that promises write, to show that a refused command left no trace."""
    return {table: int(sql.fetch_value(f"SELECT count(*) FROM {table}")) for table in TABLES}
