"""How a line that waits stands by a decision of now, read and decided without a write: for its ladder and the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.allocation import queries_inputs, queries_now, queries_rules, queries_runs, reasons, rules_tried
from flowrack.allocation.rules import Pool
from flowrack.allocation.rules_decide import Holding, decide, moves_promises
from flowrack.allocation.rules_told import incomplete, with_rivals
from flowrack.allocation.rules_tried import Coming, Elsewhere, Outlook
from flowrack.catalog import queries as catalog
from flowrack.platform import sql
from flowrack.sales.types import OpenLine

MOST_TRIED = 2_000  # claims: more are told without trying, a page has no time for them
MOST_COMING, MOST_VICTIMS = 8, 3


@dataclass(frozen=True, slots=True)
class Standing:
    """The sentence of now and the outlook; `before` are units for which lines wait that rank before it. `is_tried` says
    whether changes were tried at all."""

    sentence: str
    outlook: Outlook
    claims: int
    before: int
    is_tried: bool = True


def standing_of(
    line_id: int, item_id: int, site_id: int, now: datetime, elsewhere: Sequence[Elsewhere] = ()
) -> Standing | None:
    """How a line stands by a decision of now; None where it wants nothing, or is held. A dozen queries."""
    on_the_way, force = queries_rules.background(site_id)
    lines, torn = queries_runs.waiting_for(site_id, [item_id], with_promised=True)
    ours = next((line for line in lines if line.line_id == line_id), None)
    if ours is None or not ours.units:
        return None
    today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, force.rules)
    is_moving = moves_promises(force.rules)
    others = queries_inputs.others_of(now, site_id, torn, force.rules)
    inputs = queries_inputs.inputs_of(site_id, today, claims, force.rules, is_moving=is_moving, now=now, others=others)
    decision = decide(force.rules, inputs)
    told = queries_now.told_of({claim.item_id for claim in claims if claim.order_id == ours.order_id}, site_id)
    ground = next(g for g in with_rivals(decision, told, force.rules, today) if g.share.claim.line_id == line_id)
    items = {one.claim.item_id for shares in incomplete(decision.shares).values() for one in shares}
    codes = {key: item.sku for key, item in catalog.items(items).items()} if items else {}
    words = reasons.Words(told.held, {}, codes, {line_id: ours.ordered_units})
    sentence = reasons.sentence(ground, words)
    place = next(n for n, share in enumerate(decision.shares) if share.claim.line_id == line_id)
    ahead = (share for share in decision.shares[:place] if share.claim.order_id != ours.order_id)
    before = sum(share.missing for share in ahead if share.claim.item_id == item_id)
    if len(claims) > MOST_TRIED:
        return Standing(sentence, Outlook(ours.units, ground.share.units), len(claims), before, is_tried=False)
    wanted = {line.item_id for line in lines if line.order_id == ours.order_id} if ours.policy == "complete" else set()
    coming = coming_for(sorted({item_id, *wanted}), site_id, today)
    behind = _victims(lines, [one.claim.line_id for one in decision.ranked], ours, site_id)
    found = rules_tried.outlook(force.rules, inputs, line_id, coming, elsewhere, behind)
    return Standing(sentence, found, len(claims), before)


def _victims(
    lines: Sequence[OpenLine], ranked: Sequence[int], ours: OpenLine, site_id: int
) -> list[tuple[Holding, Pool]]:
    """The largest promise of each line that ranks last of all behind ours. Two queries, where there are any."""
    others = [line for line in lines if line.item_id == ours.item_id and line.order_id != ours.order_id]
    promised = {line.line_id for line in others if line.promised}
    behind = [line_id for line_id in ranked[ranked.index(ours.line_id) + 1 :] if line_id in promised]
    last = behind[: -MOST_VICTIMS - 1 : -1]
    if not last:
        return []
    largest: dict[int, Holding] = {}
    for one in queries_runs.holdings_of(last, site_id):
        if one.line_id not in largest or one.units > largest[one.line_id].units:
            largest[one.line_id] = one
    pools = {pool.pool_id: pool for pool in queries_runs.all_pools([ours.item_id], site_id)}
    chosen = [largest[line_id] for line_id in last if line_id in largest]
    return [(one, pools[one.pool_id]) for one in chosen if one.pool_id in pools]


def coming_for(item_ids: Sequence[int], site_id: int, today: date) -> list[Coming]:
    """What suppliers owe of items and what transfers bring, the next of each. One query."""
    rows = sql.fetch_all(
        """
        SELECT n.kind, n.id, n.number, n.source, w.item_id, n.due_on, n.units
        FROM unnest(%(items)s::bigint[]) AS w(item_id)
        CROSS JOIN LATERAL (
            (SELECT 'po' AS kind, o.id, o.number, p.name AS source, l.expected_on AS due_on,
                    l.units - l.short_units - l.received_units AS units
             FROM purchasing_poline l JOIN purchasing_po o ON o.id = l.po_id
             JOIN parties_party p ON p.id = o.supplier_id
             WHERE l.item_id = w.item_id AND o.site_id = %(site)s AND o.state IN ('approved', 'receiving')
               AND l.received_units < l.units - l.short_units
             ORDER BY l.expected_on, o.id, l.line_no LIMIT %(most)s)
            UNION ALL
            (SELECT 'transfer', t.id, t.number, s.name, coalesce(t.due_on, %(today)s::date),
                    (l.units - l.received_units)::bigint
             FROM storage_transferline l JOIN storage_transfer t ON t.id = l.transfer_id
             JOIN locations_site s ON s.id = t.site_id
             WHERE l.item_id = w.item_id AND t.to_site_id = %(site)s AND t.state = 'on_the_way'
               AND l.received_units < l.units
             ORDER BY t.id LIMIT %(most)s)
        ) AS n
        ORDER BY n.due_on, n.kind, n.id
        """,
        {"items": list(item_ids), "site": site_id, "most": MOST_COMING, "today": today},
    )
    return [Coming(*row) for row in rows]
