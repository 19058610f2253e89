"""How substitutes become lines of an order, and how what somebody must agree to is asked."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.allocation import locks
from flowrack.allocation.queries_substitutes import Proposed, ShortLine
from flowrack.allocation.rules_substitutes import Portion, total_delta
from flowrack.allocation.states_displacement import PriorityState
from flowrack.allocation.types_substitutes import RULE, SUBSTITUTION, SubstitutesAccepted
from flowrack.approvals.types import Change, DocumentKind, FactKind, Submission, register
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import OWN, PoolClaim
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context, refuse_on
from flowrack.sales import steps as sales
from flowrack.sales import steps_substitutes as lines
from flowrack.sales.steps_substitutes import Instead
from flowrack.sales.types import LINE, UnitsChange
from flowrack.shared.errors import Busy
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref

refuse_on(
    "substitute_one_waits_per_line",
    lambda: Busy("Somebody else asked for a substitute of this line just now.", fix="Look at it again."),
)
register(
    DocumentKind(
        SUBSTITUTION,
        "Substitute",
        (
            FactKind("units", "units of the ordered item that are replaced"),
            FactKind("margin_delta", "margin against the ordered item", "money"),
            FactKind("excluded", "the customer's class is excluded", "flag"),
            FactKind("tier", "customer's class", "text"),
            FactKind("site", "site", "text"),
        ),
        url_name="allocation_substitution",
        verb="Let it be sent",
        view="sales.view",
    )
)


def hold_all(line: ShortLine, proposed: Proposed) -> None:
    """Lock the pools that the offers look at; the line is locked before."""
    item_ids = {line.need.item_id, *(edge.item_id for edge in proposed.edges)}
    keys = sorted((p.item_id, p.lot_id, line.site_id, OWN) for p in proposed.pools.values() if p.item_id in item_ids)
    if keys:
        locks.pools(keys)


def write(ctx: Context, proposed: Proposed, portions: Sequence[Portion], *, by: str = "") -> list[int]:
    """Reserve what is free of the ordered item, and add a reserved line for each portion; the new lines.

    The line and the pools are locked. Emits allocation.substituted.
    """
    line = proposed.line
    made = assign(ctx, proposed, portions)
    replaced = sum(portion.replaces for portion in portions)
    decisions.record(ctx, [_decision(proposed, portions, by), *_of_new(proposed, portions, made)])
    if made:
        ctx.emit(SubstitutesAccepted(line.order_id, line.need.line_id, made, replaced))
    return made


def assign(ctx: Context, proposed: Proposed, portions: Sequence[Portion]) -> list[int]:
    """The same without a word about it, for who gives the reasons."""
    line, pools = proposed.line, proposed.pools
    claims: list[PoolClaim] = []
    changes: list[UnitsChange] = []
    own = proposed.offers.own
    for pool_id, units in own:
        claims.append(_claim(line, pools[pool_id].item_id, units, line.need.line_id, pools[pool_id].lot_id))
    if own:
        changes.append(UnitsChange(line.need.line_id, allocated=sum(units for _, units in own)))
    made = lines.substitute(
        ctx,
        line.need.line_id,
        [Instead(p.edge.item_id, p.units, p.unit_price, p.replaces, p.edge.is_price_protected) for p in portions],
    )
    for line_id, portion in zip(made, portions, strict=True):
        for pool_id, units in portion.takes:
            claims.append(_claim(line, portion.edge.item_id, units, line_id, pools[pool_id].lot_id))
        changes.append(UnitsChange(line_id, allocated=portion.units))
    sales.apply_units(changes)
    if claims:
        ledger.commit(ctx, claims)
    return made


def _claim(line: ShortLine, item_id: int, units: int, line_id: int, lot_id: int) -> PoolClaim:
    return PoolClaim(item_id, line.site_id, units, ref(LINE, line_id), lot_id, OWN)


def sent(portions: Sequence[Portion]) -> str:
    """Portions in words: "20 S1 for 20"."""
    return ", ".join(f"{p.units} {p.edge.sku} for {p.replaces}" for p in portions)


def _decision(proposed: Proposed, portions: Sequence[Portion], by: str) -> DecisionRow:
    need, found = proposed.line.need, proposed.offers
    replaced = sum(portion.replaces for portion in portions)
    waits = need.missing - sum(units for _, units in found.own) - replaced
    told = f"{replaced} are replaced: {sent(portions)}" if portions else "Nothing is replaced"
    said = f"{told}{f', agreed by {by}' if by else ''}. {waits} wait for {need.sku}." if waits else f"{told}."
    return DecisionRow(
        kind="substitutes",
        subject=ref(LINE, need.line_id),
        sentence=said,
        rule=RULE,
        detail={
            "want": need.ordered,
            "own": sum(units for _, units in found.own) + need.held,
            "sent": [[p.edge.sku, p.units, p.replaces, str(p.unit_price)] for p in portions],
            "rejected": [[r.sku, r.lot, r.units, r.why] for r in found.rejected],
            **({"approver": by} if by else {}),
        },
    )


def _of_new(proposed: Proposed, portions: Sequence[Portion], made: Sequence[int]) -> list[DecisionRow]:
    need = proposed.line.need
    rows = []
    for line_id, portion in zip(made, portions, strict=True):
        lots = [proposed.pools[pool_id].lot_code for pool_id, _ in portion.takes if proposed.pools[pool_id].lot_code]
        of = f" from lot {', '.join(lots[:3])}" if lots else ""
        rows.append(
            DecisionRow(
                kind="substitutes",
                subject=ref(LINE, line_id),
                sentence=f"All {portion.units} reserved{of}, instead of {portion.replaces} {need.sku}.",
                rule=RULE,
                detail={"instead_of": need.sku, "replaces": portion.replaces, "price": str(portion.unit_price)},
            )
        )
    return rows


def insert(ctx: Context, proposed: Proposed, portions: Sequence[Portion], reason: str) -> tuple[int, str]:
    """Write a request for portions that somebody must agree to: its id and number. Two statements."""
    number = next_number("SB")
    delta = total_delta(portions)
    made = sql.fetch_value(
        """
        WITH made AS (
            INSERT INTO allocation_substituterequest (number, site_id, order_line_id, reason, state, margin_delta,
                                                      asked_by_id, asked_at)
            VALUES (%s, %s, %s, %s, 'waiting', %s, %s, %s) RETURNING id
        ), portions AS (
            INSERT INTO allocation_substituteportion (request_id, item_id, units, replaces, asks)
            SELECT made.id, n.item, n.units, n.replaces, left(n.asks, 100)
            FROM made CROSS JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
                 AS n(item, units, replaces, asks)
        )
        SELECT id FROM made
        """,
        (
            number,
            proposed.line.site_id,
            proposed.line.need.line_id,
            reason[:200],
            None if delta is None else to_money(delta),
            ctx.actor_id,
            ctx.now,
            [portion.edge.item_id for portion in portions],
            [portion.units for portion in portions],
            [portion.replaces for portion in portions],
            [portion.asks for portion in portions],
        ),
    )
    return int(made), number


def end(ctx: Context, request_id: int, state: PriorityState, outcome: str = "") -> None:
    """Write how a request ended. One statement."""
    sql.execute(
        "UPDATE allocation_substituterequest SET state = %s, ended_at = %s, outcome = %s WHERE id = %s",
        (str(state), ctx.now, outcome[:300], request_id),
    )


def submission(
    ctx: Context, request_id: int, number: str, proposed: Proposed, portions: Sequence[Portion], reason: str
) -> Submission:
    """The question as the inbox shows it: what is sent instead, at which price, and why it asks."""
    line, need = proposed.line, proposed.line.need
    replaced = sum(portion.replaces for portion in portions)
    delta = total_delta(portions)
    return Submission(
        kind=SUBSTITUTION,
        subject=ref(SUBSTITUTION, request_id),
        site_id=line.site_id,
        amount=to_money(sum((portion.unit_price * portion.units for portion in portions), Decimal(0))),
        content={"line": need.line_id, "portions": [[p.edge.item_id, p.units, p.replaces] for p in portions]},
        summary=f"{number} {sent(portions)} {need.sku}, {line.number}",
        requester_id=ctx.actor_id,
        facts={
            "units": replaced,
            "margin_delta": None if delta is None else to_money(delta),
            "excluded": any(need.tier in portion.edge.excluded_tiers for portion in portions),
            "tier": need.tier,
            "site": str(line.site_id),
        },
        changes=tuple(
            Change(
                f"{line.number} {line.customer}, tier {need.tier}",
                f"{p.replaces:,} of {need.sku}",
                f"{need.sku} at {need.unit_price:,.2f}",
                f"{p.units:,} {p.edge.sku} at {p.unit_price:,.2f}",
                is_exception=True,
            )
            for p in portions
        ),
        sentence="; ".join(f"{p.edge.sku}: {p.asks}" for p in portions) + ".",
        reason=reason,
        partner=ref("parties.party", line.customer_id),
        partner_name=line.customer,
    )
