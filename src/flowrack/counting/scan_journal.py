"""Counting without the network: the bins that a device takes along, and what its journal may say about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.urls import path

from flowrack.catalog import queries as catalog
from flowrack.catalog.types import Resolved
from flowrack.counting import commands_floor, queries
from flowrack.counting.types import BinLine, CountBin, CountRefused, SeenLine, TakeCounts
from flowrack.devices import queries_places as devices
from flowrack.fulfilment import queries_lists
from flowrack.platform.runner import Context
from flowrack.platform.web.along import Taking, along_view
from flowrack.platform.web.journal import Asked, JournalFlow, UnreadableEntry
from flowrack.shared import gs1
from flowrack.shared.gs1 import Gs1Scan

AT_A_TIME = 5
MOST_ITEMS = 1_500
MOST_LOTS = 5_000
LONGEST_S = 7 * 24 * 3_600
WORDS = {"posted": "counted", "review": "counted, the difference waits for review"}


def ago(asked: Asked) -> timedelta:
    """How long before the count something was seen. Refuses what is longer than a device keeps a count."""
    seconds = asked.number("ago")
    if seconds > LONGEST_S:
        raise UnreadableEntry("This count was begun more than a week before it ended.", fix="Count the bin anew.")
    return timedelta(seconds=seconds)


def _count(ctx: Context, asked: Asked) -> str:
    """The whole bin, at the times of the floor: each line says how many seconds before the end it was seen."""
    lines = asked.rows("lines")
    opened_at = ctx.now - ago(asked)
    seen = [BinLine(what, ctx.now - ago(one)) for what, one in zip(_seen(lines), lines, strict=True)]
    req = CountBin(asked.number("task"), opened_at, seen, asked.number("empty", 0) == 1)
    done = commands_floor.count_bin(ctx, req)
    return f"{asked.text('bin')} {WORDS.get(done.state, 'counted')}"


def _seen(lines: Sequence[Asked]) -> list[SeenLine]:
    """What each line says was seen: an item that the device knew, or the code that it did not. Three queries."""
    codes = [code for line in lines if (code := line.text("code"))]
    labels = {code: gs1.parse_or_number(code) for code in dict.fromkeys(codes)}
    hits = dict(zip(labels, catalog.find_labels(list(labels.values())) if labels else [], strict=True))
    read = [_read(line, labels, hits) for line in lines]
    lots = catalog.lots_by_code((item_id, lot) for item_id, _, lot, lot_id in read if lot and not lot_id)
    seen = []
    for line, (item_id, units, lot, lot_id) in zip(lines, read, strict=True):
        if lot and not lot_id and (item_id, lot) not in lots:
            raise CountRefused(
                f"{line.text('sku') or line.text('code')} has no lot {lot}.",
                fix="Look at the label, set the goods aside if it is right, and have the bin counted again.",
            )
        known = lot_id or (lots[item_id, lot].lot_id if lot else 0)
        seen.append(SeenLine(item_id, units, known) if known else SeenLine(item_id, units))
    return seen


def _read(line: Asked, labels: dict[str, Gs1Scan], hits: dict[str, list[Resolved]]) -> tuple[int, int, str, int]:
    """The item of a line, its units, and the lot: its text, or its id where the label is the lot's own."""
    item_id, units, lot = line.number("item", 0), line.number("n"), line.text("lot", longest=60)
    code = line.text("code")
    if not code:
        return item_id, units, lot, 0
    if len(hits[code]) != 1:
        raise CountRefused(
            f"“{code[:40]}” is {'several items' if hits[code] else 'no item and no lot'} of the house.",
            fix="Look at the goods, then have the bin counted again.",
        )
    [hit], label = hits[code], labels[code]
    return hit.item_id, units * hit.factor, lot or label.lot or label.serial or "", hit.lot_id


def _said(asked: Asked) -> str:
    lines = asked.rows("lines")
    seen = [f"{one.number('n'):,} × {one.text('sku') or one.text('code')}" for one in lines[:3]]
    more = f" and {len(lines) - 3:,} more" if len(lines) > 3 else ""
    return f"Counted {asked.text('bin')}: {', '.join(seen)}{more}" if seen else f"Counted {asked.text('bin')}: empty"


def _take(taking: Taking) -> dict[str, Any]:
    """The bins that this person has along here, with the codes of what may lie in them; `next` takes some more."""
    site_id, zones = devices.place_of(taking.device)
    ctx = taking.ctx
    if taking.must_take(queries.lease_ends(ctx.actor_id, taking.device, ctx.now, site_id=site_id)):
        commands_floor.take_counts(ctx, TakeCounts(site_id, zones, AT_A_TIME if taking.wants_next else 0))
    tasks = queries.counts_along(ctx.actor_id, taking.device, ctx.now, site_id=site_id)
    if not tasks and taking.wants_next:
        raise CountRefused("No bin waits to be counted.", fix="Bins that are due appear here.")
    if not tasks:
        return {"works": []}
    found = queries.items_near([task.location_id for task in tasks], limit=MOST_ITEMS)
    lots = queries.lots_near(found, site_id, limit=MOST_LOTS)
    items = [{**asdict(item), "lots": lots.get(item.item_id, [])} for item in queries_lists.items(found)]
    return {"works": [{"id": "count", "tasks": [asdict(task) for task in tasks], "items": items}]}


JOURNAL = [JournalFlow("count.bin", "Count", "counting.count", _count, _said)]
ALONG = [queries.held_on]
OFFLINE_URLS = [path("scan/count/along", along_view("counting.count", _take), name="scan_count_along")]
