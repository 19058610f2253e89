"""Whether a need is covered by what is coming already. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from flowrack.purchasing.types_cover import DRAFT_DAYS, Cover, Key, NetNeed, Want


def not_twice(covers: Sequence[Cover]) -> list[Cover]:
    """The covers without the units of PO lines that a notice announces: these are counted on the notice."""
    announced: dict[int, int] = {}
    for cover in covers:
        if cover.kind != "purchasing.po" and cover.po_line_id:
            announced[cover.po_line_id] = announced.get(cover.po_line_id, 0) + cover.units
    left = []
    for cover in covers:
        if cover.kind != "purchasing.po" or cover.po_line_id not in announced:
            left.append(cover)
            continue
        taken = min(cover.units, announced[cover.po_line_id])
        announced[cover.po_line_id] -= taken
        if cover.units > taken:
            left.append(replace(cover, units=cover.units - taken))
    return left


def draft_ends_on(ordered_on: date) -> date:
    """The last day on which a draft counts as coming that nobody sends for approval."""
    return ordered_on + timedelta(days=DRAFT_DAYS)


def counting(covers: Iterable[Cover], today: date) -> list[Cover]:
    """The covers without the drafts that have waited too long to be sent for approval."""
    return [c for c in covers if c.ends_on is None or c.ends_on >= today]


def inside(covers: Iterable[Cover], until: date) -> tuple[Cover, ...]:
    """The covers that come until a day, the soonest first; what is under way without a date comes now."""
    found = [c for c in covers if c.due_on is None or c.due_on <= until]
    return tuple(sorted(found, key=lambda c: (c.due_on or date.min, c.kind, c.document_id)))


def net_need(
    key: Key, *, need: int, until: date, covers: Iterable[Cover], claimed: int = 0, counted: int = 0
) -> NetNeed:
    """What must still be bought of a need.

    net = max(0, need - free); free = max(0, coming until the day - claimed - counted). `claimed` units leave again
    until the day; `counted` ones were taken off the need before.
    """
    coming = inside(covers, until)
    free = max(0, sum(c.units for c in coming) - claimed - counted)
    return NetNeed(*key, need=need, until=until, covers=coming, claimed=claimed, free=free, net=max(0, need - free))


def together(wants: Sequence[Want]) -> dict[Key, list[Want]]:
    """What is wanted by site and item: lines of one request are one need."""
    found: dict[Key, list[Want]] = {}
    for want in wants:
        found.setdefault(want.key, []).append(want)
    return found


def by_key(covers: Iterable[Cover]) -> dict[Key, list[Cover]]:
    """Covers by site and item."""
    found: dict[Key, list[Cover]] = {}
    for cover in covers:
        found.setdefault((cover.site_id, cover.item_id), []).append(cover)
    return found


def windows(wants: Sequence[Want]) -> dict[Key, date]:
    """The last day that counts for each site and item."""
    return {key: max(w.until for w in of) for key, of in together(wants).items()}


def on_top(wants: Sequence[Want], had: Mapping[int, int]) -> list[Want]:
    """The wants less the units of items that a document had before: its own earlier need is no second one."""
    left = dict(had)
    found = []
    for want in wants:
        known = min(want.units, left.get(want.item_id, 0))
        left[want.item_id] = left.get(want.item_id, 0) - known
        if want.units > known:
            found.append(replace(want, units=want.units - known))
    return found


def judge(
    wants: Sequence[Want], covers: Sequence[Cover], claims: Mapping[Key, int]
) -> list[tuple[list[Want], NetNeed]]:
    """Each need that is covered, in part or in full, with the lines that ask for it."""
    ends, coming = windows(wants), by_key(covers)
    found = []
    for key, of in together(wants).items():
        judged = net_need(
            key,
            need=sum(w.units for w in of),
            until=ends[key],
            covers=coming.get(key, []),
            claimed=claims.get(key, 0),
            counted=max(w.counted or 0 for w in of),
        )
        if judged.covered > 0:
            found.append((of, judged))
    return found


def documents(judged: NetNeed) -> str:
    """The covers in words: "PO-1001 150 due 12 Mar, TR-1001 80 under way"."""
    return ", ".join(f"{c.number} {c.units:,} {_when(c.due_on)}{_end(c.ends_on)}" for c in judged.covers)


def _end(ends_on: date | None) -> str:
    return "" if ends_on is None else f", a draft not sent, counts until {ends_on.day} {ends_on:%b}"


def _when(due_on: date | None) -> str:
    return "under way" if due_on is None else f"due {due_on.day} {due_on:%b}"


def sentence(judged: NetNeed, *, sku: str) -> str:
    """What is covered of a need, and by which documents."""
    claimed = f", {judged.claimed:,} of them for what leaves until then" if judged.claimed else ""
    return (
        f"{sku}: {judged.need:,} wanted, {judged.coming:,} come until {judged.until.day} {judged.until:%b}{claimed} "
        f"({documents(judged)}). Net need {judged.net:,}."
    )


def way_out(judged: NetNeed) -> str:
    """What can be done instead."""
    return f"Take {judged.net:,}, or give a reason to buy on top." if judged.net else "Give a reason to buy on top."
