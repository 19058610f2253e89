"""Builders for tests of order holds: a stocked house whose item 4711 is ordered by the dozen, and what is held."""

from __future__ import annotations

from tests import outbound
from tests.cast import NOW

from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system, drain
from flowrack.sales import commands_holds
from flowrack.sales.types_holds import RefreshItemHistory

ITEM = "4711"
SLIP = 19_152


def house(stock: int = 30_000) -> outbound.House:
    """A house with ACME and BETA, stock of item 4711, and a history of 20 lines of 12 units by BETA."""
    at = outbound.house()
    item = outbound.item(ITEM)
    outbound.customer("ACME")
    outbound.customer("BETA")
    outbound.receive(at, item, stock, "1")
    outbound.order(at.site, "BETA", *[(ITEM, 12)] * 20)
    told(at.site)
    return at


def told(site: int, key: str = "told") -> None:
    """The item history of the site is told of all lines."""
    commands_holds.refresh_item_history(context_for_system(NOW, f"{key}-{site}"), RefreshItemHistory(site))


def standing() -> list[tuple[str, int, str]]:
    """The holds that stand: kind, line (0 = the order) and sentence."""
    rows = sql.fetch_all(
        "SELECT kind, coalesce(line_id, 0), sentence FROM sales_hold WHERE ended_at IS NULL ORDER BY id"
    )
    return [(row[0], row[1], row[2]) for row in rows]


def ids() -> list[int]:
    """The ids of the holds that stand."""
    return [row[0] for row in sql.fetch_all("SELECT id FROM sales_hold WHERE ended_at IS NULL ORDER BY id")]


def tell() -> None:
    """Events reach their subscribers."""
    drain(now=NOW)
