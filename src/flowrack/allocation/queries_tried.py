"""How a line that waits stands by a decision of now, read and decided without a write: for its ladder and the API."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flowrack.allocation import (
    queries,
    queries_inputs,
    queries_now,
    queries_pegs,
    queries_rules,
    queries_runs,
    queries_supply,
    queries_urgent,
    reasons,
    reasons_displacement,
    rules_tried,
)
from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_arrivals import Coming
from flowrack.allocation.rules_decide import Decision, Holding, Inputs, decide, moves_promises
from flowrack.allocation.rules_pegs import Supply
from flowrack.allocation.rules_told import incomplete, with_rivals
from flowrack.allocation.rules_tried import Elsewhere, Outlook
from flowrack.allocation.types_rules import KEEP, RuleSet
from flowrack.catalog import queries as catalog
from flowrack.locations import queries as places
from flowrack.platform import sql
from flowrack.purchasing.queries_confirmations import SAID, SAID_ON
from flowrack.sales.types import LINE, OpenLine
from flowrack.shared.refs import ref

MOST_TRIED = 1_500  # claims: more are told without trying, a page has no time for them
MOST_COMING, MOST_VICTIMS = 8, 3


@dataclass(frozen=True, slots=True)
class Peg:
    """Units promised for a day to an order, a quote or some lines, that have nothing reserved yet."""

    number: str
    lines: int
    units: int
    on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """The sentence of now and the outlook; `before` are units for which lines wait that rank before it. `pegs` are
    promises of a day for which stock must stay, soonest first. `is_tried` says whether changes were tried at all."""

    sentence: str
    outlook: Outlook
    claims: int
    before: int
    is_tried: bool = True
    pegs: tuple[Peg, ...] = ()
    kept: int = 0  # units of the stock at hand that stay for them
    promised_on: date | None = None  # the day that the line itself was told last
    coming: tuple[Coming, ...] = ()  # what comes next of the items that were tried
    decided_at: datetime | None = None  # when stock was last looked for for the line


def standing_of(line_id: int, item_id: int, site_id: int, now: datetime) -> Standing | None:
    """How a line stands by a decision of now; None where it wants nothing, or is held. Some fifteen queries."""
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
    told = queries_now.told_of({claim.item_id for claim in claims if claim.order_id == ours.order_id}, site_id, today)
    ground = next(g for g in with_rivals(decision, told, force.rules, today) if g.share.claim.line_id == line_id)
    items = {one.claim.item_id for shares in incomplete(decision.shares).values() for one in shares}
    codes = {key: item.sku for key, item in catalog.items(items).items()} if items else {}
    words = reasons.Words(told.held, {}, codes, {line_id: ours.ordered_units})
    taken = reasons_displacement.taken(queries_urgent.taken_from(line_id))
    sentence = taken + reasons.sentence(ground, words)
    place = next(n for n, share in enumerate(decision.shares) if share.claim.line_id == line_id)
    ahead = (share for share in decision.shares[:place] if share.claim.order_id != ours.order_id)
    before = sum(share.missing for share in ahead if share.claim.item_id == item_id)
    told_days, kept = _pegs(decision, item_id)
    told_on, decided_at = ours.promised_on, _decided_at(line_id)
    if len(claims) > MOST_TRIED:
        now_only = Outlook(ours.units, ground.share.units)
        return Standing(
            sentence, now_only, len(claims), before, is_tried=False, pegs=told_days, kept=kept, promised_on=told_on,
            decided_at=decided_at,
        )  # fmt: skip
    wanted = {line.item_id for line in lines if line.order_id == ours.order_id} if ours.policy == "complete" else set()
    coming, every = coming_for(sorted({item_id, *wanted}), site_id, now, ours.order_id)
    behind = _victims(lines, [one.claim.line_id for one in decision.ranked], ours, site_id)
    later = _later(inputs, claims, every, site_id, now, force.rules)
    elsewhere = elsewhere_of(item_id, sorted(wanted - {item_id}), site_id, now, ours.order_id)
    found = rules_tried.outlook(force.rules, inputs, line_id, coming, elsewhere, behind, later)
    completing = {one.item_id for one in found.arrivals} - {item_id}
    skus = {key: item.sku for key, item in catalog.items(completing).items()} if completing else {}
    found.arrivals = [one._replace(sku=skus.get(one.item_id, "")) for one in found.arrivals]
    return Standing(
        sentence, found, len(claims), before, pegs=told_days, kept=kept, promised_on=told_on, coming=tuple(coming),
        decided_at=decided_at,
    )  # fmt: skip


def _decided_at(line_id: int) -> datetime | None:
    """When stock was last looked for for a line. One query."""
    found: datetime | None = sql.fetch_value(
        "SELECT max(decided_at) FROM platform_decision WHERE subject = %s AND kind = 'allocation'",
        (ref(LINE, line_id),),
    )
    return found


def elsewhere_of(item_id: int, others: Sequence[int], site_id: int, now: datetime, order_id: int) -> list[Elsewhere]:
    """Units of an item that work could free here, and what other sites can spare, behind the claims on it there, of it
    and of the other items of a complete order, each from the day on which it could leave for an order. Nine queries."""
    found = [
        Elsewhere(
            "mend", pool.pool_id, pool.lot, pool.blocked_as, pool.mendable, pool.lot_id, pool.lot, pool.expires_on
        )
        for pool in queries.supply(item_id, site_id)
        if pool.mendable
    ]
    free = queries_supply.free_elsewhere([item_id, *others], site_id, now)
    codes = {site.site_id: site.code for site in places.sites()} if free else {}
    ready = queries_supply.sent_from(sorted({at for _, at in free}), site_id, now) if free else {}
    days = _leaving(order_id) if free else []
    skus = {key: item.sku for key, item in catalog.items(set(others)).items()} if others else {}
    return found + [
        Elsewhere(
            "site",
            at,
            codes[at],
            "",
            free[of, at],
            item_id=of,
            sku=skus.get(of, ""),
            on=_next(days, ready[at]) if at in ready else None,
        )
        for of, at in sorted(free, key=lambda pair: (pair[0] != item_id, pair))
    ]


def _pegs(decision: Decision, item_id: int) -> tuple[tuple[Peg, ...], int]:
    """The promises of a day that were accepted, and how many units of the stock at hand stay for them: what a run now
    would reserve for them, and what must stay besides."""
    pegs = decision.pegs.get(item_id)
    if pegs is None:
        return (), 0
    found = pegs.kept_for()
    taken = sum(share.units for share in decision.shares if share.claim.line_id in pegs.accepted)
    told = tuple(Peg(d.claim.number, d.lines, units, d.claim.promised_on or d.on) for d, units in found)
    return told, taken + pegs.kept


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


def coming_for(
    item_ids: Sequence[int], site_id: int, now: datetime, order_id: int
) -> tuple[list[Coming], list[Supply]]:
    """What is to come of items, the next of each with its document, from the first day on which goods leave for an
    order; and all of it as promises read it. Eight queries at most."""
    found = queries_supply.supplies([(item_id, site_id) for item_id in item_ids], now)
    every = [supply for pair in sorted(found) for supply in found[pair]]
    near = [one for pair in sorted(found) for one in sorted(found[pair], key=lambda s: s.on)[:MOST_COMING]]
    bought = [one.po_line_id for one in near if one.po_line_id]
    named = sorted({one.number for one in near if not one.po_line_id and one.number})
    documents: dict[int | str, tuple[str, int, str, date | None]] = {}
    if bought or named:
        rows = sql.fetch_all(
            f"""
            SELECT l.id, '', 'po', o.id, p.name, {SAID_ON}
            FROM purchasing_poline l JOIN purchasing_po o ON o.id = l.po_id JOIN parties_party p ON p.id = o.supplier_id
            {SAID}
            WHERE l.id = ANY(%s::bigint[])
            UNION ALL
            SELECT 0, t.number, 'transfer', t.id,
                   CASE WHEN t.state = 'on_the_way' THEN s.name ELSE s.name || ', ' || t.state END, t.due_on
            FROM storage_transfer t JOIN locations_site s ON s.id = t.site_id WHERE t.number = ANY(%s::text[])
            """,  # noqa: S608 - constants
            (bought, named),
        )
        documents = {row[0] or row[1]: (row[2], row[3], row[4], row[5]) for row in rows}
    coming = []
    days = _leaving(order_id) if near else []
    pegs = queries_supply.pegs(item_ids, site_id) if named else {}
    for one in near:
        on = _next(days, one.on)
        kind, key, source, due_on = documents.get(one.po_line_id or one.number, ("dock", 0, "", None))
        line_id, units = pegs.get((one.item_id, one.number), (0, 0))
        mine = min(units, one.units)
        pegs[one.item_id, one.number] = line_id, units - mine
        coming.append(
            Coming(kind, key, one.number, source, one.item_id, on, one.units, due_on, one.po_line_id, line_id, mine)
        )
    return coming, every


def _next(days: Sequence[date], day: date) -> date:
    """The first of some days from a day on; that day itself where none is known."""
    n = bisect_left(days, day)
    return days[n] if n < len(days) else day


def _leaving(order_id: int) -> list[date]:
    """The days on which the site of an order sends goods to its region; none where nothing is written. One query."""
    rows = sql.fetch_all(
        """
        SELECT d.on FROM sales_order o LEFT JOIN parties_address a ON a.id = o.ship_to_id
        JOIN sales_sendday d ON d.site_id = o.site_id AND d.region = CASE
            WHEN EXISTS (SELECT FROM sales_sendday x WHERE x.site_id = o.site_id AND x.region = a.region)
            THEN a.region ELSE '' END
        WHERE o.id = %s ORDER BY d.on
        """,
        (order_id,),
    )
    return [row[0] for row in rows]


def _later(
    inputs: Inputs, claims: Sequence[Claim], every: Sequence[Supply], site_id: int, now: datetime, rules: RuleSet
) -> Inputs:
    """The inputs as deliveries will find them: with all promises of a day, also of items of which nothing is here. One
    query."""
    if rules.promises != KEEP:
        return inputs
    known = {one.claim.line_id for one in inputs.beside}
    quotes = queries_pegs.quotes_of(sorted({claim.item_id for claim in claims}), site_id, now)
    beside = [*inputs.beside, *(one for one in quotes if one.claim.line_id not in known)]
    days = {claim.line_id: claim.promised_on for claim in claims}
    dated = [claim._replace(promised_on=days[claim.line_id]) for claim in inputs.claims]
    return replace(inputs, claims=dated, coming=list(every), beside=beside)
