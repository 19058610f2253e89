"""Booking counts of one PO onto a dock place: what receiving by order, by pack and from quarantine share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flowrack.inbound import (
    queries_availability,
    queries_tolerance,
    rules,
    rules_tolerance,
    steps,
    steps_cross_docks,
    steps_putaways,
)
from flowrack.inbound.queries import Dock
from flowrack.inbound.rules import Policy, Share
from flowrack.inbound.rules_tolerance import Counted, Finding, Tolerance
from flowrack.inbound.steps import NO_LOT, BookedLine, Lot
from flowrack.inbound.steps_cross_docks import Arrived
from flowrack.inbound.steps_discrepancies import NewDiscrepancy, of_finding, write_discrepancies
from flowrack.inbound.types import (
    Available,
    BadCount,
    CountedLine,
    LotNeeded,
    NotADock,
    NothingCounted,
    NotOnPo,
    Received,
    ReceivedEvent,
    ReceivedLine,
)
from flowrack.inbound.types_discrepancies import Kind, NotTolerated, Outcome
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.platform import photos, sql
from flowrack.platform.runner import Context
from flowrack.purchasing import queries_versions
from flowrack.purchasing import steps as purchasing
from flowrack.purchasing.rules import receipt_value
from flowrack.purchasing.states import PoState
from flowrack.purchasing.states import advance as advance_po
from flowrack.purchasing.types import LineForReceipt, OverReceipt
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref

# How the booked lines get into the ledger: (context, lines, dock, origin) -> posting.
Post = Callable[[Context, Sequence[BookedLine], Dock, str], int]


@dataclass(frozen=True, slots=True)
class Judged:
    """A share with its line to book and what was found about it."""

    share: Share
    line: BookedLine
    tolerance: Tolerance
    findings: list[Finding]


def lines_of(ctx: Context, po_id: int) -> list[LineForReceipt]:
    """Lock the PO and read its lines; refuses who may not receive it, and a PO that takes no receipts."""
    lines = purchasing.lines_for_receipt([po_id])
    if lines:
        refuse_receiver(ctx, lines[0])
    return lines


def refuse_receiver(ctx: Context, head: LineForReceipt) -> None:
    """Refuse who may not receive a PO: without the permission at its site, or who ever wrote or changed it
    (S02)."""
    ctx.require("inbound.receive", head.site_id)
    advance_po(PoState(head.po_state), "receive", number=head.po_number)
    for writer in head.writer_ids:
        ctx.require_other_person(
            writer, rule="S02", sentence=f"You wrote or changed {head.po_number}, so somebody else must receive it."
        )


def book(
    ctx: Context,
    dock: Dock,
    lines: list[LineForReceipt],
    counts: Sequence[CountedLine],
    delivery_note: str = "",
    *,
    claimed: Any = None,
    is_bin_asked: bool = False,
    post: Post | None = None,
) -> Received:
    """Book counts of one PO, whose lines are locked: posts them, writes lines and discrepancies, tells later stages.

    `claimed` says who waits for the goods (see steps_cross_docks.claim); None = nothing goes to them straight.
    `is_bin_asked`: putaways are planned at once (see steps_putaways). `post`: the goods are in the house already (see
    steps_put_on); those that stay in quarantine are told to nobody.

    Refuses with NothingCounted, BadCount, NotOnPo, OverReceipt, NotTolerated, LotNeeded, NotADock, and with the
    catalogue's LotRefused.
    """
    if not counts:
        raise NothingCounted("Nothing was counted.", fix="Scan or type at least one line.")
    head = lines[0]
    refuse_place(dock, head.site_id)
    photos.refuse_missing([p for count in counts for p in count.photos])
    shares = _shares(counts, lines)
    lots = steps.lots_of(counts, shares)
    lpns = steps.lpns_of(counts, site_id=dock.site_id)
    policies, tolerances = _in_force(dock, head, shares)
    judged = _judge(counts, shares, dock, lots, lpns, policies, tolerances)
    booked = [one.line for one in judged]
    chosen = steps_putaways.choose(ctx, dock, booked) if is_bin_asked else None
    receipt_id, number = steps.open_receipt(ctx, dock, head, delivery_note)
    posting_id = (post or _post_receipt)(ctx, booked, dock, ref("inbound.receipt", receipt_id))
    ids = _write_lines(ctx, receipt_id, posting_id, booked)
    done = [
        ReceivedLine(i, b.po_line_id, b.item_id, b.lot_id, b.lpn_id, b.units, b.quality, b.discrepancy, b.location_id)
        for i, b in zip(ids, booked, strict=True)
    ]
    done, cross_docks = steps_cross_docks.assign(ctx, claimed, dock.location_id, _arrived(done, judged, lots))
    done, putaways = steps_putaways.write(ctx, chosen, done)
    steps.explain_availability(ctx, [(i, policies[b.item_id]) for i, b in zip(ids, booked, strict=True) if b.available])
    write_discrepancies(
        ctx,
        [
            new
            for one, line_id in zip(judged, ids, strict=True)
            for new in _discrepancies(counts, one, dock, head, receipt_id, line_id, posting_id)
        ],
    )
    _tell(ctx, dock, head, receipt_id, posting_id, [line for line in done if line.quality != "quarantine"])
    return Received(
        receipt_id=receipt_id,
        number=number,
        po_id=head.po_id,
        posting_id=posting_id,
        value=sum((b.value for b in booked), Decimal(0)),
        owed_units=sum(x.owed for x in lines) - sum(s.units for s in shares if not s.is_over),
        lines=done,
        cross_docks=cross_docks,
        putaways=putaways,
    )


def _in_force(
    dock: Dock, head: LineForReceipt, shares: Sequence[Share]
) -> tuple[dict[int, Policy], dict[int, Tolerance]]:
    """The availability policy and the tolerance of each item. Two queries in one message."""
    items = sorted({share.line.item_id for share in shares})
    followed, tolerated = sql.fetch_together(
        [
            queries_availability.ask_policies_followed(dock.site_id, head.supplier_id, items, day=dock.today),
            queries_tolerance.ask_in_force(head.po_id, items),
        ]
    )
    return queries_availability.policies_of(followed), queries_tolerance.in_force_of(tolerated)


def _write_lines(ctx: Context, receipt_id: int, posting_id: int, booked: Sequence[BookedLine]) -> list[int]:
    """Count the units on the PO and write the receipt's lines; their ids in order. Two statements in one message."""
    counted = [(b.po_line_id, b.units) for b in booked]
    recorded, made = sql.fetch_together(
        [purchasing.ask_record_receipts(counted), steps.ask_write_lines(ctx, receipt_id, posting_id, booked)]
    )
    purchasing.refuse_unknown(counted, recorded)
    return [row[0] for row in made]


def _tell(
    ctx: Context, dock: Dock, head: LineForReceipt, receipt_id: int, posting_id: int, done: list[ReceivedLine]
) -> None:
    """Tell later stages what came."""
    ctx.subject = ref("inbound.receipt", receipt_id)
    if not done:
        return
    ctx.emit(
        ReceivedEvent(
            receipt_id=receipt_id,
            po_id=head.po_id,
            site_id=dock.site_id,
            location_id=dock.location_id,
            supplier_id=head.supplier_id,
            posting_id=posting_id,
            lines=done,
        )
    )


def _arrived(done: Sequence[ReceivedLine], judged: Sequence[Judged], lots: dict[int, Lot]) -> list[Arrived]:
    found = []
    for line, one in zip(done, judged, strict=True):
        lot = lots.get(one.share.count, NO_LOT)
        found.append(Arrived(line, lot.code, lot.expires_on))
    return found


def refuse_place(dock: Dock, site_id: int) -> None:
    """Refuse with NotADock a place that is no receiving place of the site."""
    if not dock.is_dock or dock.site_id != site_id:
        raise NotADock(
            f"{dock.code} is no receiving place of the order's site.", fix="Scan a door or a staging place there."
        )


def _shares(counts: Sequence[CountedLine], lines: list[LineForReceipt]) -> list[Share]:
    """How the counts fall on the lines; refuses with every fault of every count, whatever the first one is."""
    odd = rules.faults(counts)
    spread = rules.spread(counts, lines)
    unfit = spread.strangers + spread.too_many
    if unfit:
        unfit = rules.with_changes(unfit, counts, lines, queries_versions.words_for_receivers(lines[0].po_id))
    needed, untracked = rules.lot_faults(counts, rules.line_of(counts, lines))
    every = sorted(odd + unfit + needed + untracked, key=lambda bad: bad.line)
    if odd:
        raise BadCount(odd[0].message, lines=every)
    if unfit:
        refusal = NotOnPo if spread.strangers else OverReceipt
        raise refusal(unfit[0].message, lines=every, fix=unfit[0].fix)
    if needed:
        raise LotNeeded(needed[0].message, lines=every)
    if untracked:
        raise BadCount(untracked[0].message, lines=every)
    return spread.shares


def _judge(
    counts: Sequence[CountedLine],
    shares: Sequence[Share],
    dock: Dock,
    lots: dict[int, Lot],
    lpns: dict[str, int],
    policies: dict[int, Policy],
    tolerances: dict[int, Tolerance],
) -> list[Judged]:
    judged, refused = [], []
    for share in shares:
        tolerance, lot = tolerances[share.line.item_id], lots.get(share.count, NO_LOT)
        found = rules_tolerance.judge(
            Counted(
                sku=share.line.sku,
                ordered=share.line.ordered - share.line.short,
                before=share.before,
                units=share.units,
                line_over_units=share.line.over_units,
                allowed_units=share.line.allowed_units,
                due_on=share.line.expected_on,
                today=dock.today,
                expires_on=lot.expires_on,
                removal_days=lot.removal_days,
            ),
            tolerance,
        )
        refused += [
            BadLine(share.count + 1, "units", f.sentence, "Set it aside, or hold it for the buyer.")
            for f in found
            if f.outcome == Outcome.REFUSE
        ]
        policy = policies.get(share.line.item_id)
        line = _booked(counts[share.count], share, dock, lot, lpns, found, policy)
        judged.append(Judged(share, line, tolerance, found))
    if refused:
        raise NotTolerated(refused[0].message, lines=refused, fix=refused[0].fix)
    return judged


def _booked(
    count: CountedLine,
    share: Share,
    dock: Dock,
    lot: Lot,
    lpns: dict[str, int],
    found: list[Finding],
    policy: Policy | None,
) -> BookedLine:
    quality = rules.quality_on_arrival(stated=count.quality, expires_on=lot.expires_on, today=dock.today)
    if quality == "available" and rules_tolerance.worst(found) == Outcome.HOLD:
        quality = "hold"
    policy = policy if quality == "available" else None
    if policy and policy.available == Available.AFTER_INSPECTION:
        quality = "inspection"
    return BookedLine(
        po_line_id=share.line.po_line_id,
        item_id=share.line.item_id,
        lot_id=lot.lot_id,
        lpn_id=lpns.get(count.lpn, 0),
        units=share.units,
        value=receipt_value(before=share.before, units=share.units, unit_cost=share.line.unit_cost),
        quality=quality,
        discrepancy=rules.discrepancy(quality=quality, is_over=share.is_over, reason=count.reason)
        or (str(found[0].kind) if found else ""),
        location_id=policy.location_id if policy else 0,
        available=str(policy.available) if policy else "",
    )


def _discrepancies(
    counts: Sequence[CountedLine],
    one: Judged,
    dock: Dock,
    head: LineForReceipt,
    receipt_id: int,
    line_id: int,
    posting_id: int,
) -> list[NewDiscrepancy]:
    """What the tolerance found of a booked line, and the damage that the person saw."""
    count, line = counts[one.share.count], one.line
    common: dict[str, Any] = {
        "site_id": dock.site_id,
        "supplier_id": head.supplier_id,
        "tolerance_id": one.tolerance.tolerance_id,
        "receipt_id": receipt_id,
        "receipt_line_id": line_id,
        "po_line_id": line.po_line_id,
        "item_id": line.item_id,
        "location_id": dock.location_id,
        "lot_id": line.lot_id,
        "lpn": count.lpn,
        "posting_id": posting_id,
        "photos": count.photos,
    }
    found = [of_finding(f, value=to_money(line.value * f.units / line.units), **common) for f in one.findings]
    if line.quality == "damaged":
        found.append(
            NewDiscrepancy(
                kind=Kind.DAMAGED,
                reason=f"{one.share.line.sku}: {line.units} damaged, {count.reason.strip()}.",
                units=line.units,
                value=line.value,
                responsible=count.responsible,
                **common,
            )
        )
    return found


def _post_receipt(ctx: Context, booked: Sequence[BookedLine], dock: Dock, origin: str) -> int:
    return ledger.post(ctx, [_move(line, dock, origin) for line in booked]).posting_id


def _move(line: BookedLine, dock: Dock, origin: str) -> Move:
    return Move(
        item_id=line.item_id,
        units=line.units,
        source=Place(dock.supplier_location_id),
        target=Place(line.location_id or dock.location_id, line.lpn_id, line.quality),
        reason="RECEIPT",
        lot_id=line.lot_id,
        value=line.value,
        origin=origin,
    )
