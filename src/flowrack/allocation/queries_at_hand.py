"""What of the stock at hand lines that wait would get by a decision of now, and what keeps the rest from them: one
reading for what an order waits for, the reason beside its lines, and its ladder. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from flowrack.allocation import queries_coming, queries_inputs, queries_now, queries_rules, queries_runs, reasons
from flowrack.allocation.queries import WaitingLine
from flowrack.allocation.queries_tried import MOST_TRIED
from flowrack.allocation.rules_decide import decide, moves_promises
from flowrack.allocation.rules_told import incomplete, with_rivals
from flowrack.catalog import queries as catalog
from flowrack.platform import sql
from flowrack.platform.http import now as this_moment
from flowrack.platform.web.query import ListQuery, Page


class AtHand(NamedTuple):
    """How many units a line that waits would get now of so many that it wants, and why not the others."""

    units: int
    wanted: int
    cause: str

    @property
    def sentence(self) -> str:
        """ "All 40 are free now and not reserved." or "All 40 wait: 12 in stock are kept for SO-1005 ..." """
        if self.units >= self.wanted:
            return f"All {self.wanted:,} are free now and not reserved."
        some = f"{self.units:,} of {self.wanted:,} are free now and not reserved, {self.wanted - self.units:,}"
        return f"{some if self.units else f'All {self.wanted:,}'} wait: {self.cause}"


def at_hand(line_ids: Sequence[int], item_ids: Sequence[int], site_id: int, now: datetime) -> dict[int, AtHand]:
    """What lines that wait for items at a site would get now. Nothing where more lines want them than a page has time
    for. A dozen queries."""
    on_the_way, force = queries_rules.background(site_id)
    lines, torn = queries_runs.waiting_for(site_id, sorted(set(item_ids)), with_promised=True)
    today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, force.rules)
    asked = set(line_ids)
    if len(claims) > MOST_TRIED:
        return {}
    is_moving = moves_promises(force.rules)
    others = queries_inputs.others_of(now, site_id, torn, force.rules)
    inputs = queries_inputs.inputs_of(site_id, today, claims, force.rules, is_moving=is_moving, now=now, others=others)
    decision = decide(force.rules, inputs)
    told = queries_now.told_of({claim.item_id for claim in claims}, site_id, today)
    lacking = {one.claim.item_id for shares in incomplete(decision.shares).values() for one in shares}
    codes = {key: item.sku for key, item in catalog.items(lacking).items()} if lacking else {}
    words = reasons.Words(told.held, {}, codes)
    found = {}
    for ground in with_rivals(decision, told, force.rules, today):
        claim, units = ground.share.claim, ground.share.units
        if claim.line_id in asked:
            cause = reasons.sentence(ground, words).partition(" wait: ")[2]
            found[claim.line_id] = AtHand(units, claim.units, cause)
    return found


def waiting_list(query: ListQuery) -> Page[WaitingLine]:
    """Lines that wait for stock, with why: as a decision of now says it where units are at hand, for what was decided
    once need not be so any more; else as it was decided, with what comes next. A dozen queries for each site."""
    found = queries_coming.waiting_list(query)
    at_site = _free_at({row.item_id for row in found.rows})
    said: dict[int, str] = {}
    for site_id in sorted({row.site_id for row in found.rows}):
        here = [row for row in found.rows if row.site_id == site_id and (row.item_id, site_id) in at_site]
        if here:
            read = at_hand([row.id for row in here], [row.item_id for row in here], site_id, this_moment())
            said |= {line_id: one.sentence for line_id, one in read.items()}
    return replace(found, rows=[replace(row, sentence=said.get(row.id, row.sentence)) for row in found.rows])


def _free_at(item_ids: set[int]) -> set[tuple[int, int]]:
    """Of which items units are free, and at which site. One query."""
    return set(
        sql.fetch_all(
            """
            SELECT item_id, site_id FROM ledger_pool WHERE item_id = ANY(%s::bigint[]) AND owner_id = 1
            GROUP BY item_id, site_id HAVING sum(reserve + forward_pick - committed) > 0
            """,
            (sorted(item_ids),),
        )
    )
