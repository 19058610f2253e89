"""Who shares promised days holds a lock for each of a few items, and one for many: the server has room for so many."""

from __future__ import annotations

import pytest
from tests import outbound

from flowrack.allocation import locks, steps_run
from flowrack.allocation.tests.byhand import give, shelf
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


def shares(item_id: int, site_id: int) -> bool:
    """Whether this transaction shares the promised days of an item."""
    return bool(
        sql.fetch_value(
            """
            SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND mode = 'ShareLock'
               AND (classid::bigint << 32 | objid::bigint) = hashtextextended('promised days ' || %s || ' ' || %s, 0)
            """,
            (item_id, site_id),
        )
    )


def test_a_run_shares_the_other_items_of_complete_orders_too():
    at = outbound.house()
    one, other, third = (outbound.item(sku) for sku in ("V-1", "V-2", "V-3"))
    outbound.customer("WHOLE", policy="complete")
    outbound.customer("PART")
    outbound.order(at.site, "WHOLE", ("V-1", 1), ("V-2", 1))
    outbound.order(at.site, "PART", ("V-1", 1), ("V-3", 1))
    steps_run.ground(at.site, [one])
    assert [shares(item, at.site) for item in (one, other, third)] == [True, True, False]


def test_a_run_of_complete_orders_of_many_items_takes_one_key_of_the_site(monkeypatch):
    monkeypatch.setattr(locks, "FEW_ITEMS", 1)
    at = outbound.house()
    one, other = (outbound.item(sku) for sku in ("V-1", "V-2"))
    outbound.customer("WHOLE", policy="complete")
    outbound.order(at.site, "WHOLE", ("V-1", 1), ("V-2", 1))
    before = held()
    steps_run.ground(at.site, [one])
    assert [shares(item, at.site) for item in (one, other)] == [False, False]
    assert len(held()) - len(before) == 1 and held().count("ExclusiveLock") - before.count("ExclusiveLock") == 1


def test_who_gives_units_by_hand_shares_the_days_of_the_item():
    at = shelf()
    assert not shares(at.item_id, at.at.site)
    give(at.line("low"), 20)
    assert shares(at.item_id, at.at.site)
