"""Value-only corrections: what goods cost is known later than they came, or they leave at another cost than they came.

What is owed to the supplier becomes right to the cent; the difference rests on what is still in stock and on what has
left. Nothing that was posted before changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.inbound import locks, rules_corrections
from flowrack.inbound.locks import BookKey
from flowrack.inbound.rules_corrections import StillHere
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place, Posting
from flowrack.locations import queries as locations
from flowrack.platform.runner import Context

REASON = "PRICE_CORRECTION"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The move that brought goods in, as a correction needs it; `origin` is under whose name it is owed."""

    move_id: int
    item_id: int
    site_id: int
    lot_id: int
    costing: str
    origin: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """Units that go back to where they came from; `value` is what they were booked at when they came."""

    receipt: Receipt
    source: Place
    units: int
    value: Decimal


def price_anew(
    ctx: Context, receipt: Receipt, *, old: Decimal, lines: Sequence[tuple[int, Decimal]], origin: str
) -> Posting:
    """Owe for goods of a receipt by the name of `origin` what `lines` (units, value) say, instead of `old`.

    Posts SUPPLIER -> STOCK-VALUE and CUSTOMER (of standard-cost items VARIANCE) and the opposite, value only, dated
    today. Two statements and one posting.
    """
    places = locations.virtuals(receipt.site_id)
    here = locks.still_here([_key(receipt)], places=list(places.values()))[receipt.move_id]
    found = rules_corrections.correct(old, lines, here)
    gone = "VARIANCE" if here.is_standard else "CUSTOMER"
    moves = _value_moves(receipt, places, -found.old.stock, "STOCK-VALUE", receipt.origin)
    moves += _value_moves(receipt, places, -found.old.gone, gone, receipt.origin)
    for line in found.new:
        moves += _value_moves(receipt, places, line.stock, "STOCK-VALUE", origin)
        moves += _value_moves(receipt, places, line.gone, gone, origin)
    return ledger.post(ctx, moves) if moves else Posting(0, [], [])


def send_out(ctx: Context, leaving: Sequence[Leaving], *, reason: str) -> Posting:
    """Send units back to the supplier, who is owed exactly what they were booked at less, whatever they cost now.

    Posts `reason` from each place to SUPPLIER at present cost, and the difference between that and the value at which
    they came as a value-only correction. Refuses with InsufficientStock.
    """
    site_id = leaving[0].receipt.site_id
    places = locations.virtuals(site_id)
    posting = ledger.post(
        ctx,
        [
            Move(
                item_id=one.receipt.item_id,
                units=one.units,
                source=one.source,
                target=Place(places["SUPPLIER"]),
                reason=reason,
                lot_id=one.receipt.lot_id,
                origin=one.receipt.origin,
                of_move=one.receipt.move_id,
            )
            for one in leaving
        ],
    )
    late = [
        (one.receipt, one.value - worth)
        for one, worth in zip(leaving, posting.values, strict=True)
        if one.value != worth
    ]
    if late:
        here = locks.still_here([_key(receipt) for receipt, _ in late], places=list(places.values()))
        ledger.post(
            ctx,
            [
                move
                for receipt, amount in late
                for move in _value_moves(
                    receipt, places, -amount, _bearer(receipt, here[receipt.move_id], amount), receipt.origin
                )
            ],
        )
    return posting


def _bearer(receipt: Receipt, here: StillHere, amount: Decimal) -> str:
    """Who bears that goods left at another cost than they came: the average of what stays, else what was sold."""
    if here.is_standard:
        return "VARIANCE"
    is_kept = receipt.costing != "fifo" and here.units > 0 and here.value >= amount
    return "STOCK-VALUE" if is_kept else "CUSTOMER"


def _key(receipt: Receipt) -> BookKey:
    return BookKey(receipt.move_id, receipt.item_id, receipt.site_id, receipt.lot_id, receipt.costing)


def _value_moves(receipt: Receipt, places: dict[str, int], amount: Decimal, on: str, origin: str) -> list[Move]:
    """Value from SUPPLIER to `on`, or back when the amount is negative; none for nothing."""
    if not amount:
        return []
    source, target = ("SUPPLIER", on) if amount > 0 else (on, "SUPPLIER")
    return [
        Move(
            item_id=receipt.item_id,
            units=0,
            source=Place(places[source]),
            target=Place(places[target]),
            reason=REASON,
            lot_id=receipt.lot_id,
            value=abs(amount),
            origin=origin,
            of_move=receipt.move_id if receipt.costing == "fifo" and on == "STOCK-VALUE" else 0,
        )
    ]
