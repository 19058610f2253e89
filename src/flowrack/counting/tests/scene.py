"""A bin with stock to be counted, and the short way through a count."""

from __future__ import annotations

from tests.cast import HAL, ctx

from flowrack.counting import commands
from flowrack.counting.types import EnterCount, FinishCount, OpenCount, RequestCounts, SeenLine
from flowrack.ledger.tests import house as h
from flowrack.platform import sql


def bin_with(units, cost="2.00", sku="WIDGET", place="reserve1", **item):
    """(house, item id) with units of one item in one bin."""
    house = h.house()
    item_id = h.item(sku, **item)
    h.receive(house, item_id, units, cost, place)
    return house, item_id


def task_for(house, place="reserve1"):
    """A count task of a bin."""
    req = RequestCounts(site_id=house.site, location_ids=[house.places[place]])
    return commands.request_counts(ctx(HAL), req).task_ids[0]


def count(person, task_id, *seen, empty=False):
    """One person counts the bin: opens, enters (item, units[, lot]), finishes."""
    opened = commands.open_count(ctx(person), OpenCount(task_id))
    lines = [SeenLine(item_id=s[0], units=s[1], lot_id=s[2] if len(s) > 2 else 0) for s in seen]
    if lines:
        commands.enter_count(ctx(person), EnterCount(opened.count_id, lines))
    return commands.finish_count(ctx(person), FinishCount(opened.count_id, empty=empty))


def counts_of(*tables):
    """Rows of each table, to show that nothing changed."""
    return [sql.fetch_value(f"SELECT count(*) FROM {table}") for table in tables]
