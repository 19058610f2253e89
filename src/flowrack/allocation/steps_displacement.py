"""How an urgent order takes promises from others, asks for what it may not take by itself, and tells everybody.

Order lines are locked first, then the pools, then the request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from flowrack.allocation import locks, queries_displacement, reasons_displacement, steps_exceptions, steps_letters
from flowrack.allocation import rules_cover as covers
from flowrack.allocation import steps_displacement_asking as asking
from flowrack.allocation.queries_displacement import AskedRow, Judged, LineFacts, UrgentOrder
from flowrack.allocation.reasons_displacement import units_of
from flowrack.allocation.rules_displacement import Ask, Slip
from flowrack.allocation.states_displacement import PriorityState
from flowrack.allocation.types_displacement import PRIORITY, RULE, LinesDisplaced
from flowrack.catalog import queries as catalog
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import OWN, PoolClaim
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context, refuse_on
from flowrack.sales import queries_days
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, UnitsChange
from flowrack.shared.errors import Busy
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref

refuse_on(
    "priority_one_waits_per_order",
    lambda: Busy("Somebody else called this order urgent just now.", fix="Look at it again."),
)


def hold_all(line_ids: Sequence[int], keys: Sequence[locks.PoolKey]) -> None:
    """Lock lines, then pools: nothing of them moves until the command ends."""
    sales.claim_lines(line_ids)
    if keys:
        locks.pools(keys)


def move(ctx: Context, site_id: int, judged: Sequence[Judged], *, is_allowed: bool) -> dict[int, int]:
    """Take the promises over: what harms nobody, and (`is_allowed`) the rest; units by the line that lost them."""
    back: list[PoolClaim] = []
    claims: dict[tuple[int, int, int], int] = {}  # urgent line, item, lot -> units
    lost: dict[int, int] = {}
    changes: list[UnitsChange] = []
    for one in judged:
        lots = {pool.pool_id: pool.lot_id for pool in one.scene.pools}
        gives = [*one.made.at_once, *(one.made.to_allow if is_allowed else [])]
        for give in gives:
            lot_id = lots[give.pool_id]
            back.append(PoolClaim(one.item_id, site_id, give.units, ref(LINE, give.line_id), lot_id, OWN))
            lost[give.line_id] = lost.get(give.line_id, 0) + give.units
        for pool_id, units in [*one.made.free, *((give.pool_id, give.units) for give in gives)]:
            key = (one.made.ask.line_id, one.item_id, lots[pool_id])
            claims[key] = claims.get(key, 0) + units
    for (line_id, _, _), units in claims.items():
        changes.append(UnitsChange(line_id, allocated=units))
    changes += [UnitsChange(line_id, allocated=-units) for line_id, units in lost.items()]
    ledger.uncommit(ctx, back)
    sales.apply_units(changes)
    if claims:
        ledger.commit(
            ctx,
            [
                PoolClaim(item_id, site_id, units, ref(LINE, line_id), lot_id, OWN)
                for (line_id, item_id, lot_id), units in claims.items()
            ],
        )
    return lost


def insert(ctx: Context, order: UrgentOrder, reason: str, judged: Sequence[Judged], facts: Mapping[int, LineFacts],
           *, is_done: bool) -> tuple[int, str]:  # fmt: skip
    """Write the request and what it takes or asks for: its id and number. Three statements."""
    number = next_number("UR")
    value = sum((asking.worth(one, facts) for one in judged), Decimal(0))
    state = PriorityState.GRANTED if is_done else PriorityState.WAITING
    made = sql.fetch_value(
        """
        INSERT INTO allocation_priorityrequest (number, site_id, order_id, reason, state, value, asked_by_id, asked_at,
                                                ended_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        (
            number,
            order.site_id,
            order.order_id,
            reason[:200],
            str(state),
            value,
            ctx.actor_id,
            ctx.now,
            ctx.now if is_done else None,
        ),
    )
    write_rows(int(made), judged, facts, is_allowed=False)
    return int(made), number


def write_rows(request_id: int, judged: Sequence[Judged], facts: Mapping[int, LineFacts], *, is_allowed: bool) -> None:
    """What lines gave, or (not `is_allowed`) are asked to give. One statement; the same line once more adds up."""
    rows: list[tuple[int, int, int, int, bool, date, date | None, Decimal]] = []
    for one in judged:
        for is_automatic, gives in ((True, one.made.at_once), (False, one.made.to_allow)):
            for line_id, units in units_of(gives).items():
                about = facts[line_id]
                rows.append(
                    (
                        one.made.ask.line_id,
                        line_id,
                        units,
                        units if is_automatic or is_allowed else 0,
                        is_automatic,
                        about.promised_on,
                        one.made.leaves.get(line_id),
                        to_money(about.unit_price * units),
                    )
                )
    if not rows:
        return
    sql.execute(
        """
        INSERT INTO allocation_displacement (request_id, to_line_id, from_line_id, units, moved_units, is_automatic,
                                             promised_on, leaves_on, value)
        SELECT %s, n.to_line, n.from_line, n.units, n.moved, n.automatic, n.promised, n.leaves, n.value
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[], %s::date[], %s::date[],
                    %s::numeric[]) WITH ORDINALITY
             AS n(to_line, from_line, units, moved, automatic, promised, leaves, value, place)
        ORDER BY n.place
        ON CONFLICT (request_id, to_line_id, from_line_id, is_automatic) DO UPDATE
        SET units = CASE WHEN excluded.is_automatic THEN allocation_displacement.units + excluded.units
                         ELSE allocation_displacement.units END,
            moved_units = allocation_displacement.moved_units + excluded.moved_units,
            leaves_on = excluded.leaves_on
        """,
        (request_id, *(list(column) for column in zip(*rows, strict=True))),
    )


def end(ctx: Context, request_id: int, state: PriorityState, outcome: str = "") -> None:
    """Write how a request ended. One statement."""
    sql.execute(
        "UPDATE allocation_priorityrequest SET state = %s, ended_at = %s, outcome = %s WHERE id = %s",
        (str(state), ctx.now, outcome[:300], request_id),
    )


def explain(
    ctx: Context, request_id: int, judged: Sequence[Judged], *, by: str = "", pending: str = "", done: bool = False
) -> None:
    """Store for the urgent lines and for all that gave way what was decided, and with the request what it was decided
    on, so that it can be judged again."""
    rows: list[DecisionRow] = []
    for one in judged:
        sentence = reasons_displacement.gained(one.made, one.scene, by=by, pending=pending)
        detail = reasons_displacement.record(one.made, one.scene, by=by, said=one.said)
        stored = {
            "outcome": reasons_displacement.outcome(one.made),
            "inputs": reasons_displacement.inputs_of(one.made.ask, one.scene, allowed=one.allowed, seen=one.seen),
        }
        rows.append(DecisionRow("displacement", ref(LINE, one.made.ask.line_id), sentence, RULE, detail))
        rows.append(DecisionRow("displacement", ref(PRIORITY, request_id), sentence, RULE, {**detail, **stored}))
        for is_automatic, gives in ((True, one.made.at_once), (False, one.made.to_allow if done else [])):
            for line_id, units in units_of(gives).items():
                who = "" if is_automatic else by
                rows.append(
                    DecisionRow(
                        kind="displacement",
                        subject=ref(LINE, line_id),
                        sentence=reasons_displacement.given(one.made, one.scene, line_id, units, by=who),
                        rule=RULE,
                        detail={"lost": units, "to": one.made.ask.number, **({"approver": who} if who else {})},
                    )
                )
    decisions.record(ctx, rows)


def tell(
    ctx: Context,
    request_id: int,
    order_id: int,
    judged: Sequence[Judged],
    facts: Mapping[int, LineFacts],
    lost: Mapping[int, int],
    *,
    is_allowed: bool,
) -> None:
    """Tell later stages; where promises moved, open an exception and draft a letter to the customer."""
    slips = [(one, slip) for one in judged for slip in one.made.slips] if is_allowed else []
    moved = sorted({slip.line_id for _, slip in slips})
    if lost:
        ctx.emit(LinesDisplaced(request_id, order_id, list(lost), list(lost.values()), moved))
    if not slips:
        return
    sales.set_promises({slip.line_id: slip.promised_on for _, slip in slips})  # what was told first stays
    sales.set_promises({slip.line_id: slip.leaves_on for _, slip in slips if slip.leaves_on is not None})
    steps_exceptions.raise_exceptions(
        ctx,
        [
            (
                covers.Slip(slip.line_id, slip.promised_on, one.scene.today, slip.leaves_on, slip.units),
                slip.po_line_id,
                _exception(one.made.ask, slip),
            )
            for one, slip in slips
        ],
    )
    told = [(s.line_id, on) for _, s in slips for on in (s.promised_on, s.leaves_on) if on is not None]
    arrives = queries_days.arrivals(told)
    letters = [
        (
            facts[slip.line_id].order_id,
            slip.line_id,
            reasons_displacement.letter(
                number=facts[slip.line_id].number,
                reference=facts[slip.line_id].reference,
                sku=facts[slip.line_id].sku,
                name=facts[slip.line_id].name,
                units=slip.units,
                was=arrives[slip.line_id, slip.promised_on],
                now=None if slip.leaves_on is None else arrives[slip.line_id, slip.leaves_on],
            ),
        )
        for _, slip in slips
    ]
    steps_letters.draft(ctx, letters, request_id=request_id)


def _exception(ask: Ask, slip: Slip) -> str:
    units = f"{slip.units:,} unit{'' if slip.units == 1 else 's'}"
    if slip.leaves_on is None:
        return f"{units} went to {ask.number}, which is urgent, and nothing on order covers them."
    return (
        f"{units} went to {ask.number}, which is urgent: they leave on {reasons_displacement.day(slip.leaves_on)}, "
        f"{slip.days} day{'' if slip.days == 1 else 's'} after the promise of "
        f"{reasons_displacement.day(slip.promised_on)}."
    )


def facts_for(judged: Sequence[Judged]) -> dict[int, LineFacts]:
    """Facts of every line that gains, gives or slips. One query."""
    line_ids = {one.made.ask.line_id for one in judged}
    for one in judged:
        line_ids |= {give.line_id for give in [*one.made.at_once, *one.made.to_allow]}
        line_ids |= {slip.line_id for slip in one.made.slips}
    return queries_displacement.line_facts(sorted(line_ids))


def mark_moved(request_id: int) -> None:
    """All that was to be allowed moved. One statement."""
    sql.execute("UPDATE allocation_displacement SET moved_units = units WHERE request_id = %s", (request_id,))


def explain_rejection(ctx: Context, asked: AskedRow, by: str, reason: str) -> None:
    """Store on the urgent lines that somebody said no, and what is left to do."""
    order = queries_displacement.urgent_order(asked.order_id)
    assert order is not None, "a request names its order"
    facts = queries_displacement.line_facts([ask.line_id for _, ask in order.asks])
    rows = []
    for item_id, ask in order.asks:
        others = [row.substitute_id for row in catalog.substitutes([item_id]).get(item_id, [])]
        ways = ["send the part that is reserved", *(["offer a substitute"] if others else []), "wait for stock"]
        rows.append(
            DecisionRow(
                kind="displacement",
                subject=ref(LINE, ask.line_id),
                sentence=(
                    f"{by} said no to {asked.number}: {reason.rstrip('.')}. {ask.units} of "
                    f"{facts[ask.line_id].sku} wait; {' or '.join(ways[:2])}."
                ),
                rule=RULE,
                detail={"want": ask.units, "approver": by, "reason": reason, "change": ways},
            )
        )
    decisions.record(ctx, rows)


def said_of(judged: Sequence[Judged]) -> str:
    """What changed between the question and the verdict, of all lines together."""
    return " ".join(dict.fromkeys(one.said for one in judged if one.said))
