"""The case that open lines are promised from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from flowrack.promise import queries
from flowrack.promise.queries_lines import OpenLine
from flowrack.promise.rules_case import Ask, Case


def case_of_lines(
    lines: Sequence[OpenLine], now: datetime, late: Collection[int] = (), beside: Collection[int] = ()
) -> Case:
    """The case with the sites of all lines, of which those ask that want stock still. Those that are `late` keep the
    day that they were told until their turn comes; those `beside` are only looked at, and their work stays."""
    asks = [
        Ask(
            item_id=line.item_id,
            sku=line.sku,
            units=line.wants,
            site_ids=(line.site_id,),
            wanted_on=line.requested_on,
            min_life_days=line.min_life_days,
            region=line.region,
            way=line.way,
            lot_code=line.lot_code,
            line_id=line.line_id,
            allocated=line.allocated,
            told_on=line.ships_on if line.line_id in late else None,
        )
        for line in lines
        if line.wants
    ]
    without = [line.line_id for line in lines]
    case = queries.case_of(asks, now, without_lines=without)
    own = [line_id for line_id in without if line_id not in beside]
    sites = {site.site_id: site for site in case.sites} if own == without else {}
    others = sorted({line.site_id for line in lines} - set(sites))
    if others:
        sites |= queries.sites(others, now, without_lines=own)
        case = replace(case, sites=tuple(sites[site_id] for site_id in sorted(sites)))
    return case
