"""What a run looks at, read: claims with what their rule set needs to know of them, pools, promises and quotas."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from flowrack.allocation import queries, queries_pegs, queries_rules, queries_runs
from flowrack.allocation.queries_pegs import Others
from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_certificates import in_groups
from flowrack.allocation.rules_decide import Inputs, are_all_kept
from flowrack.allocation.rules_offered import LotWish
from flowrack.allocation.rules_pegs import summed
from flowrack.allocation.rules_quotas import ALL
from flowrack.allocation.rules_rank import counts_for, looks_at, rank
from flowrack.allocation.types_rules import KEEP, RuleSet
from flowrack.purchasing.queries import business_days
from flowrack.sales import queries_lots, queries_open
from flowrack.sales.types import OpenLine

NOBODY_ELSE = Others()
SHIPPED_CLASSES = RuleSet().classes
NO_SORTS = ("", "", "")
NOT_READY = (0, 0)


def claims_of(
    now: datetime | None,
    site_id: int,
    lines: Sequence[OpenLine],
    on_the_way: Mapping[int, int],
    rules: RuleSet,
    *,
    needs: frozenset[str] | None = None,
    today: date | None = None,
) -> tuple[date, list[Claim]]:
    """The business day, and what lines ask of a run, less what cross-docks bring to them. At most four queries.

    `needs` names what is read of them where it is not what the rule set looks at.
    """
    needs = looks_at(rules) if needs is None else needs
    if today is None:
        assert now is not None, "who does not say which day it is says what time it is"
        today = business_days([site_id], now=now)[site_id] if "today" in needs else now.date()
    families = queries_rules.families_of(sorted({line.item_id for line in lines})) if "family" in needs else {}
    margins = queries_rules.margins_of([line.line_id for line in lines]) if "margin" in needs else {}
    ready = queries_rules.ready_of(sorted({line.order_id for line in lines})) if "ready" in needs else {}
    sorts = queries_rules.sorts_of(sorted({line.order_id for line in lines})) if "sorts" in needs else {}
    day, is_kept = today.toordinal(), rules.promises == KEEP
    claims = []
    for line in lines:
        units = line.units - on_the_way.get(line.line_id, 0) if on_the_way else line.units
        if units <= 0 and not line.promised:
            continue
        claims.append(
            Claim(
                line.line_id, line.order_id, line.number, line.item_id, max(units, 0), line.tier, line.ship_by_on,
                line.policy, line.min_life_days, line.lot, line.customer_id, queries_pegs.micros(line.ordered_at),
                line.line_no,
                families.get(line.item_id, 0) if families else 0,
                margins.get(line.line_id, -1) if margins else -1,
                max(day - line.ordered_at.toordinal(), 0) if needs else 0,
                *(ready.get(line.order_id, NOT_READY) if ready else NOT_READY),
                line.promised_on if is_kept else None,
                *(sorts.get(line.order_id, NO_SORTS) if sorts else NO_SORTS),
            )
        )  # fmt: skip
    return today, claims


def others_of(now: datetime, site_id: int, torn: Sequence[OpenLine], rules: RuleSet) -> Others:
    """Lines that a run does not decide, but that were perhaps promised a day. No query where there are none."""
    return Others(claims_of(now, site_id, torn, {}, rules)[1]) if torn else NOBODY_ELSE


def inputs_of(
    site_id: int,
    today: date,
    claims: Sequence[Claim],
    rules: RuleSet,
    *,
    is_moving: bool,
    now: datetime,
    others: Others = NOBODY_ELSE,
) -> Inputs:
    """All that a run looks at, read now; `is_moving`: with what claims hold already. One to a dozen queries.

    `others` says who is beside these claims: they may have been promised what the claims would take.
    """
    items = sorted({claim.item_id for claim in claims})
    pools = queries_runs.all_pools(items, site_id) if is_moving else queries.free_pools(items, site_id)
    holdings = queries_runs.holdings_of([claim.line_id for claim in claims], site_id) if is_moving else []
    used: dict[tuple[int, int], int] = {}
    if rules.quotas:
        family = {claim.item_id: claim.family for claim in claims}
        for row in queries_rules.promised_to(items, site_id):
            one = claims[0]._replace(
                tier=row.tier, customer=row.customer_id, family=family[row.item_id], channel=row.channel,
                order_type=row.order_type, contract=row.contract,
            )  # fmt: skip
            for n, quota in enumerate(rules.quotas):
                if counts_for(one, quota):
                    used[n, row.item_id] = used.get((n, row.item_id), 0) + row.units
            used[ALL, row.item_id] = used.get((ALL, row.item_id), 0) + row.units
    packs = queries_rules.packs_of(items) if rules.supply.full_packs else {}
    lotted = sorted({pool.item_id for pool in pools if pool.lot_id})
    wishes = queries_lots.lot_wishes(site_id, lotted) if lotted else {}
    lots = {line_id: LotWish(*wish) for line_id, wish in wishes.items()}
    inputs = Inputs(today, list(claims), pools, holdings, used, packs, lots)
    if rules.promises == KEEP:
        is_promised = others.is_asked and any(claim.promised_on for claim in claims)
        if is_promised and rules.classes == SHIPPED_CLASSES and len({claim.order_id for claim in claims}) == 1:
            others = replace(others, order=claims[0])
        inputs = queries_pegs.with_promises(inputs, site_id, now, others)
        if is_promised and others.order is None and not are_all_kept(rules, inputs):
            inputs = _with_rank(inputs, site_id, now, rules)
    return in_groups(inputs)


def _with_rank(inputs: Inputs, site_id: int, now: datetime, rules: RuleSet) -> Inputs:
    """The inputs with each promised line that is not in the run at its rank: not all promises can be kept, and the rank
    decides whose. Some queries."""
    items = sorted({one.claim.item_id for one in inputs.beside if one.place == "ahead"})
    mine = {claim.line_id for claim in inputs.claims}
    lines = [one for one in queries_open.lines_waiting(site_id, items) if one.promised_on and one.line_id not in mine]
    today, claims = claims_of(now, site_id, lines, {}, rules)
    ranked = [one.claim for one in rank([*inputs.claims, *claims], rules, today=today.toordinal())]
    places = [n for n, claim in enumerate(ranked) if claim.line_id in mine]
    first, last = places[0], places[-1]
    between = [queries_pegs.beside_of(claim) for claim in ranked[first:last] if claim.line_id not in mine]
    quotes = [one for one in inputs.beside if one.place == "ranked"]
    ahead, behind = summed(ranked[:first], "ahead"), summed(ranked[last + 1 :], "behind")
    return replace(inputs, beside=[*quotes, *ahead, *between, *behind])


def inputs_at_dock(
    site_id: int,
    today: date,
    claims: Sequence[Claim],
    rules: RuleSet,
    arriving: Sequence[Pool],
    received: Collection[int],
    now: datetime,
) -> Inputs:
    """What a receipt looks at: the free stock, and beside it what has just come.

    Promises to whoever waits are kept from what is there and from PO lines that nothing was `received` of just now:
    what suppliers still owe of the others may hold goods that lie here already.
    """
    inputs = inputs_of(site_id, today, claims, replace(rules, promises="rank"), is_moving=False, now=now)
    inputs = replace(inputs, pools=[*inputs.pools, *arriving])
    if rules.promises == KEEP:
        inputs = queries_pegs.with_promises(inputs, site_id, now, Others(is_asked=True), is_asked=True)
        coming = [one for one in inputs.coming if one.po_line_id and one.po_line_id not in received]
        inputs = replace(inputs, coming=coming)
        if not are_all_kept(rules, inputs):
            inputs = _with_rank(inputs, site_id, now, rules)
    return in_groups(inputs)
