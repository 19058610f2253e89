"""Booking counts of one PO onto a dock place: what receiving by order, by pack and from quarantine share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flowrack.inbound import (
    queries_availability,
    queries_tolerance,
    rules,
    steps,
    steps_cross_docks,
    steps_putaways,
)
from flowrack.inbound.queries import Dock
from flowrack.inbound.rules import Policy, Share
from flowrack.inbound.rules_tolerance import Tolerance
from flowrack.inbound.steps import NO_LOT, BookedLine, Lot
from flowrack.inbound.steps_cross_docks import Arrived
from flowrack.inbound.steps_discrepancies import write_discrepancies
from flowrack.inbound.steps_judged import Judged, discrepancies, judge
from flowrack.inbound.types import (
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
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.platform import photos, sql
from flowrack.platform.runner import Context
from flowrack.purchasing import queries_versions
from flowrack.purchasing import steps as purchasing
from flowrack.purchasing.states import PoState
from flowrack.purchasing.states import advance as advance_po
from flowrack.purchasing.types import LineForReceipt, OverReceipt
from flowrack.shared.refs import ref

# How the booked lines get into the ledger: (context, lines, dock, origin) -> posting.
Post = Callable[[Context, Sequence[BookedLine], Dock, str], int]


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one PO at a dock place that may be booked, and what was found about them."""

    dock: Dock
    lines: list[LineForReceipt]
    counts: Sequence[CountedLine]
    delivery_note: str
    lots: dict[int, Lot]
    policies: dict[int, Policy]
    judged: list[Judged]

    @property
    def booked(self) -> list[BookedLine]:
        """The lines to book, in their order."""
        return [one.line for one in self.judged]


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
    """Book counts of one PO, whose lines are locked; see judge_counts for the refusals, book_all for the rest."""
    one = judge_counts(dock, lines, counts, delivery_note)
    return book_all(ctx, [one], claimed=claimed, is_bin_asked=is_bin_asked, post=post)[0]


def judge_counts(
    dock: Dock, lines: list[LineForReceipt], counts: Sequence[CountedLine], delivery_note: str = ""
) -> Counts:
    """What is to be booked of counts of one PO, whose lines are locked: their lots and LPNs are known afterwards.

    Refuses with NothingCounted, BadCount, NotOnPo, OverReceipt, NotTolerated, LotNeeded, NotADock, and with the
    catalogue's LotRefused.
    """
    if not counts:
        raise NothingCounted("Nothing was counted.", fix="Scan or type at least one line.")
    refuse_place(dock, lines[0].site_id)
    photos.refuse_missing([p for count in counts for p in count.photos])
    shares = _shares(counts, lines)
    lots = steps.lots_of(counts, shares)
    lpns = steps.lpns_of(counts, site_id=dock.site_id)
    policies, tolerances = _in_force(dock, lines[0], shares)
    judged = judge(counts, shares, dock, lots, lpns, policies, tolerances)
    return Counts(dock, lines, counts, delivery_note, lots, policies, judged)


def book_all(
    ctx: Context,
    many: Sequence[Counts],
    *,
    claimed: Any = None,
    is_bin_asked: bool = False,
    post: Post | None = None,
) -> list[Received]:
    """Book what was judged, a receipt for each PO: posts it, writes lines and discrepancies, tells later stages.

    `claimed` says who waits for the goods (see steps_cross_docks.claim); None = nothing goes to them straight.
    `is_bin_asked`: putaways are planned at once (see steps_putaways), their bins locked before the first posting: bins
    come before the ledger's rows. `post`: the goods are in the house already (see steps_put_on); those that stay in
    quarantine are told to nobody.
    """
    booked = [(one.dock, one.booked) for one in many]
    chosen = steps_putaways.choose(ctx, booked) if is_bin_asked else None
    written = [_book_one(ctx, one, claimed, post) for one in many]
    planned = steps_putaways.write(ctx, chosen, [done.lines for done in written])
    return [
        _told(ctx, one, replace(done, lines=lines, putaways=putaways))
        for one, done, (lines, putaways) in zip(many, written, planned, strict=True)
    ]


def _book_one(ctx: Context, one: Counts, claimed: Any, post: Post | None) -> Received:
    """Post the counts of one PO on its open receipt, and say which of them go straight to orders."""
    dock, head, booked = one.dock, one.lines[0], one.booked
    receipt_id, number = steps.open_receipt(ctx, dock, head, one.delivery_note)
    posting_id = (post or _post_receipt)(ctx, booked, dock, ref("inbound.receipt", receipt_id))
    ids = _write_lines(ctx, receipt_id, posting_id, booked)
    done = [
        ReceivedLine(i, b.po_line_id, b.item_id, b.lot_id, b.lpn_id, b.units, b.quality, b.discrepancy, b.location_id)
        for i, b in zip(ids, booked, strict=True)
    ]
    done, cross_docks = steps_cross_docks.assign(ctx, claimed, dock.location_id, _arrived(done, one.judged, one.lots))
    return Received(
        receipt_id=receipt_id,
        number=number,
        po_id=head.po_id,
        posting_id=posting_id,
        value=sum((b.value for b in booked), Decimal(0)),
        owed_units=sum(x.owed for x in one.lines) - sum(j.share.units for j in one.judged if not j.share.is_over),
        lines=done,
        cross_docks=cross_docks,
    )


def _told(ctx: Context, one: Counts, done: Received) -> Received:
    """Write why and what was wrong with the lines of a receipt, and tell later stages what came."""
    dock, head = one.dock, one.lines[0]
    ids = [line.receipt_line_id for line in done.lines]
    followed = [(i, one.policies[b.item_id]) for i, b in zip(ids, one.booked, strict=True) if b.available]
    steps.explain_availability(ctx, followed)
    write_discrepancies(
        ctx,
        [
            new
            for judged, line_id in zip(one.judged, ids, strict=True)
            for new in discrepancies(one.counts, judged, dock, head, done.receipt_id, line_id, done.posting_id)
        ],
    )
    _tell(ctx, dock, head, done.receipt_id, done.posting_id, [x for x in done.lines if x.quality != "quarantine"])
    return done


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
