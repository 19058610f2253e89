"""Writes of returns that happen inside a command: goods come in, and a finished return closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.returns import queries, rules
from flowrack.returns.models import Disposition, ReturnedLot, Rma, RmaLine
from flowrack.returns.rules import Proposal, Seen
from flowrack.returns.states import RmaState
from flowrack.returns.types import LINE, LOT, Condition, OverReturn, ReturnReceived, ReturnRefused, Split, Verdict
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import steps as storage
from flowrack.storage.types import PutawayNeed


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units that arrived for one line of the return."""

    line: RmaLine
    units: int
    condition: Condition
    lot_id: int
    lpn_id: int


def receive(
    ctx: Context, rma: Rma, arrivals: Sequence[Arrival], *, location_id: int, customer_location_id: int
) -> ReturnReceived:
    """Bring goods from the customer into return review, propose a verdict for each and remember all of it.

    Matched goods come back at the cost they left with, unmatched ones at the item's present unit cost. A constant
    number of queries. Refuses with OverReturn or ReturnRefused naming every bad line.
    """
    facts = queries.items([a.line.item_id for a in arrivals], rma.site_id)
    lots = queries.lots([a.lot_id for a in arrivals])
    _check_lots(arrivals, facts, lots)
    moves, owner = _moves(arrivals, facts, location_id=location_id, customer_location_id=customer_location_id)
    posting = ledger.post(ctx, moves)
    worth = [Decimal(0)] * len(arrivals)
    for arrival_no, value in zip(owner, posting.values, strict=True):
        worth[arrival_no] += value
    proposals = [
        _proposal(rma, a, facts[a.line.item_id].has_supplier, lots[a.lot_id][2], ctx.now.date()) for a in arrivals
    ]
    rows = ReturnedLot.objects.bulk_create(
        ReturnedLot(
            line=a.line,
            lot_id=a.lot_id,
            lpn_id=a.lpn_id,
            location_id=location_id,
            units=Units(a.units),
            left_units=Units(a.units),
            value=value,
            condition=a.condition,
            proposal=proposal.verdict,
            received_by_id=ctx.actor_id,
            received_at=ctx.now,
        )
        for a, value, proposal in zip(arrivals, worth, proposals, strict=True)
    )
    for a in arrivals:
        a.line.received_units = Units(a.line.received_units + a.units)
    RmaLine.objects.bulk_update({a.line.pk: a.line for a in arrivals}.values(), ["received_units"])
    decisions.record(ctx, [_decision(row, p) for row, p in zip(rows, proposals, strict=True)])
    done = ReturnReceived(
        rma_id=rma.pk,
        number=rma.number,
        posting_id=posting.posting_id,
        returned_lot_ids=[row.pk for row in rows],
        proposals=[str(p.verdict) for p in proposals],
    )
    ctx.emit(done)
    return done


def _check_lots(
    arrivals: Sequence[Arrival],
    facts: dict[int, queries.ItemFacts],
    lots: dict[int, tuple[int | None, str, date | None]],
) -> None:
    bad = []
    for n, a in enumerate(arrivals, start=1):
        item = facts[a.line.item_id]
        if a.lot_id not in lots or (a.lot_id and lots[a.lot_id][0] != a.line.item_id):
            bad.append(BadLine(n, "lot_id", f"{item.sku} has no such lot.", "Scan the lot on the goods."))
        elif item.tracking != "none" and not a.lot_id:
            bad.append(BadLine(n, "lot_id", f"{item.sku} is traced by {item.tracking}.", "Scan the lot on the goods."))
    if bad:
        raise ReturnRefused("Some goods cannot be received as they are.", lines=bad)


def _moves(
    arrivals: Sequence[Arrival], facts: dict[int, queries.ItemFacts], *, location_id: int, customer_location_id: int
) -> tuple[list[Move], list[int]]:
    """The moves, and for each the number of the arrival it belongs to."""
    out = queries.issues([a.line.order_line_id for a in arrivals if a.line.order_line_id])
    left = {issue.move_id: issue.units_out for found in out.values() for issue in found}
    moves: list[Move] = []
    owner: list[int] = []
    bad: list[BadLine] = []
    for n, a in enumerate(arrivals):
        item = facts[a.line.item_id]
        pieces = _pieces(a, out, left) if a.line.order_line_id else [(0, a.units)]
        short = a.units - sum(units for _, units in pieces)
        if short:
            lot = " of this lot" if a.lot_id else ""
            sentence = f"{item.sku}: {a.units} came back{lot}, but only {a.units - short} are still out on this line."
            bad.append(BadLine(n + 1, "units", sentence, "Receive the rest as a blind return without an order."))
            continue
        for move_id, units in pieces:
            value = None if move_id else to_money((item.unit_cost or Decimal(0)) * units)
            moves.append(
                Move(
                    item_id=a.line.item_id,
                    units=units,
                    source=Place(customer_location_id),
                    target=Place(location_id, a.lpn_id),
                    reason="RETURN",
                    lot_id=a.lot_id,
                    value=value,
                    origin=ref(LINE, a.line.pk),
                    of_move=move_id,
                )
            )
            owner.append(n)
    if bad:
        raise OverReturn("You cannot return more than was sent.", lines=bad)
    return moves, owner


def _pieces(a: Arrival, out: dict[tuple[int, int], list[queries.Issue]], left: dict[int, int]) -> list[tuple[int, int]]:
    """(issue, units) for one arrival, the oldest issue first; takes from what is `left` of each."""
    assert a.line.order_line_id
    wanted, pieces = a.units, []
    for issue in out.get((a.line.order_line_id, a.lot_id), []):
        units = min(wanted, left[issue.move_id])
        if units > 0:
            pieces.append((issue.move_id, units))
            left[issue.move_id] -= units
            wanted -= units
    return pieces


def _proposal(rma: Rma, a: Arrival, has_supplier: bool, expires_on: date | None, today: date) -> Proposal:
    return rules.propose(Seen(a.condition, rma.reason, expires_on, has_supplier), today=today)


def _decision(row: ReturnedLot, proposal: Proposal) -> DecisionRow:
    return DecisionRow(
        kind="disposition",
        subject=ref(LOT, row.pk),
        sentence=proposal.sentence,
        rule=rules.DISPOSITION_RULE,
        detail={
            "chosen": proposal.verdict,
            "rejected": proposal.rejected,
            "condition": row.condition,
            "units": row.units,
        },
    )


def plan_putaways(
    ctx: Context,
    site_id: int,
    rows: Sequence[Disposition],
    splits: Sequence[Split],
    lots: Mapping[int, ReturnedLot],
) -> None:
    """Plan the putaway of restocked goods that wait at a receiving place; what went straight into a bin is there."""
    places = queries.places([s.location_id for s in splits if s.verdict == Verdict.RESTOCK])
    needs = [
        PutawayNeed(
            origin=ref("returns.disposition", row.pk),
            location_id=split.location_id,
            item_id=lots[split.returned_lot_id].line.item_id,
            units=Units(split.units),
            lot_id=lots[split.returned_lot_id].lot_id,
        )
        for row, split in zip(rows, splits, strict=True)
        if split.verdict == Verdict.RESTOCK and places[split.location_id].role == "receiving"
    ]
    if needs:
        storage.plan(ctx, site_id, needs)


def close_if_finished(ctx: Context, rma_ids: Sequence[int]) -> list[int]:
    """Close the returns of which all came back and all was decided on; their ids. Two queries."""
    lines: dict[int, list[RmaLine]] = {}
    for line in RmaLine.objects.filter(rma_id__in=rma_ids).order_by("pk"):
        lines.setdefault(line.rma_id, []).append(line)
    finished = [
        rma_id
        for rma_id, of in lines.items()
        if rules.is_finished([x.units for x in of], [x.received_units for x in of], [x.disposed_units for x in of])
    ]
    Rma.objects.filter(pk__in=finished).update(state=RmaState.CLOSED, closed_at=ctx.now)
    return sorted(finished)
