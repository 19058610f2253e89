"""Who shares promised days holds a lock for each of a few items, and one for many: the server has room for so many."""

from __future__ import annotations

import pytest
from tests import outbound

from flowrack.allocation import locks
from flowrack.platform import sql

pytestmark = pytest.mark.django_db


def held() -> list[str]:
    """The advisory locks of this transaction, with how they are held."""
    rows = sql.fetch_all(
        "SELECT mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() ORDER BY mode"
    )
    return [row[0] for row in rows]


def order_of(site: int, items: int) -> int:
    """An order of so many items."""
    skus = [f"N{n}" for n in range(items)]
    for sku in skus:
        outbound.item(sku)
    outbound.customer()
    return outbound.order(site, "ACME", *((sku, 1) for sku in skus)).order_id


def test_each_of_a_few_items_is_shared():
    at = outbound.house()
    order_id = order_of(at.site, 3)
    before = held()
    locks.share_promised_days_of([order_id], at.site)
    assert len(held()) - len(before) == 3 and "ExclusiveLock" not in held()


def test_an_order_of_many_items_takes_one_key_of_the_site():
    at = outbound.house()
    order_id = order_of(at.site, locks.FEW_ITEMS + 1)
    before = held()
    locks.share_promised_days_of([order_id], at.site)
    assert len(held()) - len(before) == 1 and held().count("ExclusiveLock") == 1
