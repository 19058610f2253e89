"""Who waits for items and what comes, as runs of the allocation see it: what promises are foreseen from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from flowrack.allocation import queries_inputs, queries_pegs, queries_rules, queries_supply
from flowrack.allocation.queries_supply import Pair, Quoted
from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_foresight import Coming, Want
from flowrack.allocation.rules_rank import rank
from flowrack.platform import sql
from flowrack.purchasing.queries import business_days
from flowrack.sales import queries_open as open_lines


def days_of(pairs: Sequence[Pair], now: datetime) -> dict[int, date]:
    """Which day it is at each site. One query."""
    return business_days(sorted({site_id for _, site_id in pairs}), now=now)


def wants(pairs: Sequence[Pair], now: datetime) -> dict[Pair, list[Want]]:
    """Lines that wait for items at sites and quotes on goods to come, in the rank of the rules in force. Three queries
    and more for each site. A rule set that does not keep promised days knows them as wishes."""
    found: dict[Pair, list[Want]] = {pair: [] for pair in pairs}
    for site_id in sorted({site_id for _, site_id in pairs}):
        items = sorted({item_id for item_id, at in pairs if at == site_id})
        _, force = queries_rules.background(site_id)
        lines = open_lines.lines_waiting(site_id, items)
        today, claims = queries_inputs.claims_of(now, site_id, lines, {}, force.rules)
        quoted = [
            queries_pegs.of_quote(Quoted(*row))
            for row in sql.fetch_all(*queries_supply.ask_quoted(items, [site_id], now))
        ]
        told = {line.line_id: line.promised_on for line in lines}
        for one in rank([*claims, *(quote.claim for quote in quoted)], force.rules, today=today.toordinal()):
            found[one.claim.item_id, site_id].append(_want(one.claim, told))
    return found


def _want(claim: Claim, told: Mapping[int, date | None]) -> Want:
    day = told.get(claim.line_id) or claim.promised_on
    return Want(claim.line_id, claim.units, day or claim.ship_on, day is not None)


def coming(
    pairs: Sequence[Pair], now: datetime, as_if: Mapping[int, tuple[date | None, int]] = queries_supply.NOTHING
) -> dict[Pair, list[Coming]]:
    """Our free stock (from the first of all days on), and what is to come from the day on which promises count it.
    `as_if` gives PO lines another day and other units. At most five queries."""
    found: dict[Pair, list[Coming]] = {pair: [] for pair in pairs}
    for item_id, site_id, units in sql.fetch_all(
        """
        SELECT p.item_id, p.site_id, sum(p.reserve + p.forward_pick - p.committed)::bigint
        FROM unnest(%s::bigint[], %s::bigint[]) AS w(item, site)
        JOIN ledger_pool p ON p.item_id = w.item AND p.site_id = w.site AND p.owner_id = 1 GROUP BY 1, 2
        """,
        ([item for item, _ in pairs], [site for _, site in pairs]),
    ):
        found[item_id, site_id].append(Coming(0, "", date.min, units))
    for pair, supplies in queries_supply.supplies(pairs, now, as_if).items():
        found[pair] += [Coming(one.po_line_id, one.number, one.on, one.units) for one in supplies]
    return found


def scenes(
    pairs: Sequence[Pair], now: datetime, as_if: Mapping[int, tuple[date | None, int]] = queries_supply.NOTHING
) -> dict[Pair, tuple[list[Want], list[Coming]]]:
    """Who waits and what comes, what transfers bring for lines that they were planned for taken out of both. The
    queries of the two, and one for each site."""
    found, supply = wants(pairs, now), coming(pairs, now, as_if)
    for site_id in sorted({site_id for _, site_id in pairs}):
        items = sorted({item_id for item_id, at in pairs if at == site_id})
        for (item_id, number), (line_id, units) in queries_supply.pegs(items, site_id).items():
            pair = item_id, site_id
            found[pair], supply[pair] = apart(found[pair], supply[pair], number, line_id, units)
    return {pair: (found[pair], supply[pair]) for pair in pairs}


def apart(
    waiting: Sequence[Want], supply: Sequence[Coming], number: str, line_id: int, units: int
) -> tuple[list[Want], list[Coming]]:
    """The same without the units that a transfer brings for a line, which have their day."""
    left, last, rest = units, date.min, []
    for one in supply:
        mine = min(left, one.units) if one.number == number and not one.po_line_id else 0
        left -= mine
        last = max(last, one.expected_on) if mine else last
        rest.append(one._replace(units=one.units - mine))
    mine = units - left
    return [
        want._replace(units=want.units - mine, pegged=want.pegged + mine, pegged_on=max(want.pegged_on, last))
        if want.line_id == line_id
        else want
        for want in waiting
    ], rest
