"""How a decision against the rules is written down, how it ends, and who would have had what by the rules.

Order lines are locked first, then overrides, then pools.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from flowrack.allocation import locks_overrides, queries_overrides, rules_overrides
from flowrack.allocation.queries_overrides import LineFacts, Made
from flowrack.allocation.rules import Take
from flowrack.allocation.rules_decide import Inputs, decide
from flowrack.allocation.rules_overrides import Loser
from flowrack.allocation.types import PromiseTakenBack
from flowrack.allocation.types_overrides import (
    OVERRIDE,
    REVIEW_DAYS,
    RULE,
    BadOverride,
    Overridden,
    OverrideKind,
    OverridesOver,
    Verdict,
)
from flowrack.allocation.types_rules import RuleSet
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import OWN, PoolClaim
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, UnitsChange
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref

MAY_BREAK = (OverrideKind.GIVEN, OverrideKind.SUBSTITUTE)  # promises of others, of which nobody else tells


@dataclass(frozen=True, slots=True)
class Part:
    """Units that a line got, or (less than nothing) would have had."""

    line_id: int
    units: int
    lot_id: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided against the rules. `until_on`: the last day on which it stands; none = over at once.

    `stake` is what is at stake where nobody would have had the units. `by_id` and `reviewed_by` differ from the actor
    where somebody asked and somebody else allowed it before.
    """

    kind: OverrideKind
    site_id: int
    rule: str
    rule_set_id: int
    broken: str
    reason: str
    parts: Sequence[Part]
    until_on: date | None = None
    stake: Decimal = Decimal(0)
    by_id: int = 0
    reviewed_by: int = 0
    review_note: str = ""


def faults(units: int | None, reason: str, until_on: date | None, today: date, most_days: int) -> list[BadLine]:
    """What is wrong with units, reason and day."""
    found = []
    if units is not None and units < 1:
        found.append(BadLine(0, "units", "It takes one unit at least.", "Give a whole number above nothing."))
    if not reason.strip():
        found.append(BadLine(0, "reason", "It needs a reason.", "Say why the rules should not decide here."))
    if until_on is not None and not today <= until_on <= today + timedelta(days=most_days):
        found.append(
            BadLine(0, "until_on", f"{until_on} is past, or too far away.", f"Choose a day of the next {most_days}.")
        )
    return found


def refuse(found: Sequence[BadLine]) -> None:
    """Refuse with all that is wrong at once."""
    if found:
        raise BadOverride(found[0].message, lines=list(found), fix=found[0].fix)


def record(ctx: Context, one: Decided, *, facts: Mapping[int, LineFacts] | None = None) -> tuple[int, str]:
    """Write an override with its lines, and tell every line: its id and number.

    Emits allocation.overridden where promises of others may not hold any more and nothing else tells so.
    """
    about = facts or queries_overrides.line_facts([part.line_id for part in one.parts])
    worth = [to_money(about[part.line_id].unit_price * abs(part.units)) for part in one.parts]
    lost = sum((value for value, part in zip(worth, one.parts, strict=True) if part.units < 0), Decimal(0))
    by = one.by_id or ctx.actor_id
    number = next_number("OV")
    override_id = _insert(ctx, one, number, lost or one.stake, by)
    if one.parts:
        sql.execute(
            """
            INSERT INTO allocation_overrideline (override_id, order_line_id, item_id, lot_id, units, due_on, value)
            SELECT %s, n.line, n.item, n.lot, n.units, n.due, n.value
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::numeric[])
                 WITH ORDINALITY AS n(line, item, lot, units, due, value, place) ORDER BY n.place
            """,
            (
                override_id,
                [part.line_id for part in one.parts],
                [about[part.line_id].item_id for part in one.parts],
                [part.lot_id for part in one.parts],
                [part.units for part in one.parts],
                [about[part.line_id].due_on for part in one.parts],
                worth,
            ),
        )
    _explain(ctx, one, override_id, number, about, by)
    items = sorted({about[part.line_id].item_id for part in one.parts})
    ctx.about(OVERRIDE, [override_id])
    if one.kind in MAY_BREAK:
        ctx.emit(Overridden(override_id, number, one.site_id, items))
    return override_id, number


def _insert(ctx: Context, one: Decided, number: str, value: Decimal, by: int) -> int:
    """Write the head; who allowed it before, and is somebody else, has reviewed it by that."""
    end = queries_overrides.end_of(one.site_id, one.until_on, ctx.now)
    is_seen = bool(one.reviewed_by) and one.reviewed_by != by
    over = (None, None, "") if end.at else (ctx.now, by, "at once")
    seen = (str(Verdict.CONFIRMED), one.reviewed_by, ctx.now, one.review_note) if is_seen else ("open", None, None, "")
    return int(
        sql.fetch_value(
            """
            INSERT INTO allocation_override (number, site_id, kind, rule, rule_set_id, broken, value, reason,
                                             made_by_id, made_at, command_id, stands_until, ended_at, ended_by_id,
                                             ended_reason, review_due_on, verdict, reviewed_by_id, reviewed_at,
                                             review_note)
            VALUES (%s, %s, %s, %s, %s, left(%s, 300), %s, left(%s, 200), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
                    left(%s, 300))
            RETURNING id
            """,
            (
                *(number, one.site_id, str(one.kind), one.rule, one.rule_set_id, one.broken, value),
                *(one.reason.strip(), by, ctx.now, ctx.command_id, end.at, *over),
                *(end.today + timedelta(days=REVIEW_DAYS), *seen),
            ),
        )
    )


def _explain(
    ctx: Context, one: Decided, override_id: int, number: str, about: Mapping[int, LineFacts], by_id: int
) -> None:
    by = str(
        sql.fetch_value("SELECT coalesce(nullif(full_name, ''), username) FROM platform_user WHERE id = %s", (by_id,))
    )
    until = f"{one.until_on.day} {one.until_on:%b}" if one.until_on else ""
    units: dict[int, int] = {}
    for part in one.parts:
        units[part.line_id] = units.get(part.line_id, 0) + part.units
    to = next((about[line_id].number for line_id, n in units.items() if n > 0), "")
    rows = []
    for line_id, n in units.items():
        if n > 0 and one.kind == OverrideKind.SUBSTITUTE:
            continue  # what is sent instead is told by itself
        said = (
            rules_overrides.gained(one.kind, number, n, by, one.reason, one.broken, until)
            if n > 0
            else rules_overrides.lost(one.kind, number, -n, to, by, one.reason, until)
        )
        detail = {"override": number, "units": n, "by": by, "reason": one.reason, "broken": one.broken}
        rows.append(DecisionRow("override", ref(LINE, line_id), said, RULE, detail))
    if one.kind == OverrideKind.TAKEN_BACK and until:
        rows += [
            DecisionRow("override", ref(LINE, line_id), rules_overrides.waits_whole(number, until), RULE)
            for line_id in _only_whole(list(units))
        ]
    detail = {"rule": one.rule, "lines": [[about[line_id].number, n] for line_id, n in units.items()]}
    rows.append(DecisionRow("override", ref(OVERRIDE, override_id), f"{by}: {one.reason}. {one.broken}", RULE, detail))
    decisions.record(ctx, rows)


def _only_whole(line_ids: Sequence[int]) -> list[int]:
    """Lines that get nothing while units of these are taken back: they or their orders leave only whole. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT t.id FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id AND o.policy <> 'partial'
        JOIN sales_orderline t ON t.order_id = o.id AND (t.id = l.id OR o.policy = 'complete')
        WHERE l.id = ANY(%s::bigint[]) ORDER BY 1
        """,
        (list(line_ids),),
    )
    return [row[0] for row in rows]


def losers(rules: RuleSet, inputs: Inputs, takes: Sequence[Take], for_line: int) -> tuple[dict[int, int], int, str]:
    """Who would have had units of these takes by the rules, had nobody taken them for a line: units by line.

    Also what the rules give that line itself, and what keeps it from more (a code of its share).
    """
    gone: dict[int, int] = {}
    for take in takes:
        gone[take.pool.pool_id] = gone.get(take.pool.pool_id, 0) + take.units
    own = {take.pool.item_id: 0 for take in takes}
    for take in takes:
        own[take.pool.item_id] += take.units
    before = decide(rules, inputs)
    after = decide(
        rules,
        replace(
            inputs,
            pools=[pool._replace(free=max(pool.free - gone.get(pool.pool_id, 0), 0)) for pool in inputs.pools],
            claims=[
                claim._replace(units=max(claim.units - own.get(claim.item_id, 0), 0))
                if claim.line_id == for_line
                else claim
                for claim in inputs.claims
            ],
        ),
    )
    left = {share.claim.line_id: share.units for share in after.shares}
    lost: dict[int, int] = {}
    got, why = 0, ""
    for share in before.shares:
        if share.claim.line_id == for_line:
            got, why = share.units, share.held_back
        elif share.units > left.get(share.claim.line_id, 0):
            lost[share.claim.line_id] = share.units - left.get(share.claim.line_id, 0)
    return lost, got, why


def named(lost: Mapping[int, int], about: Mapping[int, LineFacts]) -> list[Loser]:
    """Losers by their orders."""
    return [Loser(about[line_id].number, about[line_id].tier, units) for line_id, units in lost.items()]


def end(ctx: Context, found: Sequence[Made], reason: str) -> int:
    """Overrides are over: what was given by hand and no picker has goes back; the units.

    The rules decide about these items when the event is heard. Emits allocation.overrides_ended and
    allocation.promise_taken_back.
    """
    line_ids = sorted({line_id for one in found for line_id, *_ in one.lines})
    sales.claim_lines(line_ids)
    locked = locks_overrides.overrides([one.id for one in found])
    open_ones = [one for one in found if not locked[one.id][0]]
    given = [one for one in open_ones if one.kind == OverrideKind.GIVEN]
    back = _give_back(ctx, given, reason)
    sql.execute(
        """
        UPDATE allocation_override SET ended_at = %s, ended_by_id = %s, ended_reason = left(%s, 200)
        WHERE id = ANY(%s::bigint[]) AND ended_at IS NULL
        """,
        (ctx.now, ctx.actor_id, reason, [one.id for one in open_ones]),
    )
    for site_id in sorted({one.site_id for one in open_ones}):
        here = [one for one in open_ones if one.site_id == site_id]
        items = sorted({item_id for one in here for _, item_id, *_ in one.lines})
        ctx.emit(OverridesOver(site_id, [one.id for one in here], items))
    ctx.about(OVERRIDE, [one.id for one in open_ones])
    return sum(back.values())


def _give_back(ctx: Context, given: Sequence[Made], reason: str) -> dict[int, int]:
    wanted: dict[tuple[int, int], int] = {}
    for one in given:
        for line_id, _, lot_id, units in one.lines:
            if units > 0:
                wanted[line_id, lot_id] = wanted.get((line_id, lot_id), 0) + units
    claims: list[PoolClaim] = []
    back: dict[int, int] = {}
    for held in sales.claim_promises(sorted({line_id for line_id, _ in wanted})) if wanted else []:
        units = min(held.units, wanted.get((held.line_id, held.lot_id), 0)) if held.owner_id == OWN else 0
        if units > 0:
            wanted[held.line_id, held.lot_id] -= units
            back[held.line_id] = back.get(held.line_id, 0) + units
            claims.append(PoolClaim(held.item_id, held.site_id, units, ref(LINE, held.line_id), held.lot_id, OWN))
    if not back:
        return back
    ledger.uncommit(ctx, claims)
    sales.apply_units(UnitsChange(line_id, allocated=-units) for line_id, units in back.items())
    said = f"that were given by hand go back: {reason}. The rules decide again."
    decisions.record(
        ctx,
        [
            DecisionRow("override", ref(LINE, line_id), f"{units:,} {said}", RULE, {"lost": units})
            for line_id, units in back.items()
        ],
    )
    ctx.emit(PromiseTakenBack(list(back), list(back.values()), reason))
    return back


def review(ctx: Context, override_ids: Sequence[int], verdict: Verdict, note: str) -> None:
    """Write what somebody else says of overrides that are locked. One statement."""
    sql.execute(
        """
        UPDATE allocation_override
        SET verdict = %s, reviewed_by_id = %s, reviewed_at = %s, review_note = left(%s, 300)
        WHERE id = ANY(%s::bigint[]) AND verdict = 'open'
        """,
        (str(verdict), ctx.actor_id, ctx.now, note, list(override_ids)),
    )
