"""Which quantities are in doubt: at the site of an order, or at all that may send one that any site may send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flowrack.locations import queries as places
from flowrack.sales import queries_holds as reads
from flowrack.sales import rules_holds as rules
from flowrack.sales.rules_holds import AtSite, Doubt, Rules


@dataclass(frozen=True, slots=True)
class AskedUnits:
    """Units of an item that a customer wants; `same` are those of all lines of his wish with the item."""

    site_id: int
    any_site: bool
    customer_id: int
    item_id: int
    units: int
    same: Sequence[int]


def doubts(
    asked: Sequence[AskedUnits], before_order: int, also: Mapping[tuple[int, int], int] | None = None
) -> list[tuple[Doubt, Rules] | None]:
    """What is absurdly large of these, each with the rules that say so. `also`: the largest lines of (site, customer)
    in orders that are not entered yet. Four queries at most, and none without lines."""
    if not asked:
        return []
    of = _sites([(one.site_id, one.any_site) for one in asked])
    of_site = reads.rules_at(sorted({site_id for ids in of.values() for site_id in ids}))
    places_of = [of[one.site_id, one.any_site] for one in asked]
    usual = reads.usual([(at, one.item_id) for one, ids in zip(asked, places_of, strict=True) for at in ids])
    pairs = [(at, one.customer_id) for one, ids in zip(asked, places_of, strict=True) for at in ids]
    largest = reads.largest_lines(pairs, before_order)
    for pair, units in (also or {}).items():
        largest[pair] = max(largest.get(pair, 0), units)
    return [
        rules.judge_anywhere(
            [AtSite(of_site[at], usual.get((at, one.item_id)), usual.get((at, rules.EVERY_ITEM))) for at in ids],
            units=one.units,
            largest=max(largest.get((at, one.customer_id), 0) for at in ids),
            same=one.same,
        )
        for one, ids in zip(asked, places_of, strict=True)
    ]


def rules_of(orders: Sequence[tuple[int, bool]]) -> dict[tuple[int, bool], Rules]:
    """The rules by which credit and address of orders are judged, by site and whether any may send it: then what holds
    at one of the sites holds, for it may ship from there. Two queries at most."""
    of = _sites(orders)
    of_site = reads.rules_at(sorted({site_id for ids in of.values() for site_id in ids}))
    found = {}
    for (site_id, any_site), ids in of.items():
        own = of_site[site_id]
        found[site_id, any_site] = replace(
            own,
            holds_credit=any(of_site[at].holds_credit for at in ids),
            holds_address=any(of_site[at].holds_address for at in ids),
            needs_address=any(of_site[at].needs_address and of_site[at].holds_address for at in ids),
        )
    return found


def _sites(orders: Sequence[tuple[int, bool]]) -> dict[tuple[int, bool], list[int]]:
    """The sites that may send orders: their own first, and all in use for those that any site may send."""
    everywhere = [site.site_id for site in places.sites()] if any(any_site for _, any_site in orders) else []
    return {
        (site_id, any_site): list(dict.fromkeys([site_id, *(everywhere if any_site else [])]))
        for site_id, any_site in orders
    }
