"""What a run looks at, read: claims with what their rule set needs to know of them, pools, promises and quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from flowrack.allocation import queries, queries_rules, queries_runs
from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_certificates import in_groups
from flowrack.allocation.rules_decide import Inputs, LotWish
from flowrack.allocation.rules_quotas import ALL
from flowrack.allocation.rules_rank import counts_for, looks_at
from flowrack.allocation.types_rules import RuleSet
from flowrack.purchasing.queries import business_days
from flowrack.sales import queries_lots
from flowrack.sales.types import OpenLine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = 1_000_000


def claims_of(
    now: datetime,
    site_id: int,
    lines: Sequence[OpenLine],
    on_the_way: Mapping[int, int],
    rules: RuleSet,
    *,
    needs: frozenset[str] | None = None,
) -> tuple[date, list[Claim]]:
    """The business day, and what lines ask of a run, less what cross-docks bring to them. At most four queries.

    `needs` names what is read of them where it is not what the rule set looks at.
    """
    needs = looks_at(rules) if needs is None else needs
    today = business_days([site_id], now=now)[site_id] if "today" in needs else now.date()
    families = queries_rules.families_of(sorted({line.item_id for line in lines})) if "family" in needs else {}
    margins = queries_rules.margins_of([line.line_id for line in lines], site_id) if "margin" in needs else {}
    ready = queries_rules.ready_of(sorted({line.order_id for line in lines})) if "ready" in needs else {}
    day = today.toordinal()
    claims = []
    for line in lines:
        units = line.units - on_the_way.get(line.line_id, 0)
        if units <= 0 and not line.promised:
            continue
        since = line.ordered_at - EPOCH
        claims.append(
            Claim(
                line.line_id,
                line.order_id,
                line.number,
                line.item_id,
                max(units, 0),
                line.tier,
                line.requested_on,
                line.policy,
                line.min_life_days,
                line.lot,
                line.customer_id,
                (since.days * 86_400 + since.seconds) * MICROSECOND + since.microseconds,
                line.line_no,
                families.get(line.item_id, 0),
                margins.get(line.line_id, -1),
                max(day - line.ordered_at.toordinal(), 0) if needs else 0,
                *ready.get(line.order_id, (0, 0)),
            )
        )
    return today, claims


def inputs_of(site_id: int, today: date, claims: Sequence[Claim], rules: RuleSet, *, is_moving: bool) -> Inputs:
    """All that a run looks at, read now; `is_moving`: with what claims hold already. One to five queries."""
    items = sorted({claim.item_id for claim in claims})
    pools = queries_runs.all_pools(items, site_id) if is_moving else queries.free_pools(items, site_id)
    holdings = queries_runs.holdings_of([claim.line_id for claim in claims], site_id) if is_moving else []
    used: dict[tuple[int, int], int] = {}
    if rules.quotas:
        family = {claim.item_id: claim.family for claim in claims}
        for row in queries_rules.promised_to(items, site_id):
            one = claims[0]._replace(tier=row.tier, customer=row.customer_id, family=family[row.item_id])
            for n, quota in enumerate(rules.quotas):
                if counts_for(one, quota):
                    used[n, row.item_id] = used.get((n, row.item_id), 0) + row.units
            used[ALL, row.item_id] = used.get((ALL, row.item_id), 0) + row.units
    packs = queries_rules.packs_of(items) if rules.supply.full_packs else {}
    lotted = sorted({pool.item_id for pool in pools if pool.lot_id})
    wishes = queries_lots.lot_wishes(site_id, lotted) if lotted else {}
    lots = {line_id: LotWish(*wish) for line_id, wish in wishes.items()}
    return in_groups(Inputs(today, list(claims), pools, holdings, used, packs, lots))
