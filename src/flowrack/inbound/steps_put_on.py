"""Goods without an order that stand in the house already: counted on an order after all, or sent back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flowrack.inbound import queries_blind, rules_corrections, steps_corrections
from flowrack.inbound.queries import Dock
from flowrack.inbound.queries_blind import BlindGoods
from flowrack.inbound.rules_blind import Found
from flowrack.inbound.steps import BookedLine
from flowrack.inbound.steps_corrections import Leaving, Receipt
from flowrack.inbound.types import CountedLine
from flowrack.inbound.types_discrepancies import BadDiscrepancy
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import Units

QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class PutOn:
    """Books goods on an order where they stand: no units come in again, only what they cost changes.

    Those that still stand where they came in become what the order's goods are; the others stay as they are, those in
    quarantine until somebody releases them.
    """

    goods: BlindGoods

    def __call__(self, ctx: Context, booked: Sequence[BookedLine], dock: Dock, origin: str) -> int:
        """The posting by which the lines are on the order."""
        goods = self.goods
        moves = [
            Move(
                item_id=goods.item_id,
                units=line.units,
                source=Place(goods.location_id, goods.lpn_id, QUARANTINE),
                target=Place(line.location_id or dock.location_id, goods.lpn_id, line.quality),
                reason="RELEASE",
                lot_id=goods.lot_id,
                origin=origin,
            )
            for line in booked
            if line.quality != QUARANTINE
        ]
        released = ledger.post(ctx, moves).posting_id if moves else 0
        old = rules_corrections.worth_of(goods.value, goods.units, first=goods.sent_units, last=goods.units)
        priced = steps_corrections.price_anew(
            ctx, _receipt(goods), old=old, lines=[(line.units, line.value) for line in booked], origin=origin
        )
        return priced.posting_id or released or goods.posting_id


def counts(goods: BlindGoods, here: int, *, lot: CountedLine) -> list[CountedLine]:
    """The goods as counts of an order: `here` units as they are found, the others as what stands in quarantine.

    `lot` is one count of them, which says lot, date and LPN.
    """
    found = []
    if here:
        found.append(replace(lot, units=Units(here)))
    if goods.left_units > here:
        found.append(
            replace(lot, units=Units(goods.left_units - here), quality=QUARANTINE, reason="Came without an order")
        )
    return found


def words(goods: BlindGoods, here: int, waiting: int) -> str:
    """Where the goods are that do not stand where they were counted; "" when all do."""
    elsewhere, gone = waiting - here, goods.left_units - waiting
    told = [
        f"{units} {words}"
        for units, words in (
            (elsewhere, "stand in quarantine elsewhere: release them there."),
            (gone, "left quarantine before: only their price was corrected."),
        )
        if units
    ]
    return f" Of {goods.left_units} {' '.join(told)}" if told else ""


def send_back(ctx: Context, of: Sequence[BlindGoods]) -> dict[int, int]:
    """Send back what of these goods still stands in quarantine; how many units of each discrepancy went.

    The supplier is owed so much less as they were booked at. Refuses with BadDiscrepancy where nothing is left.
    """
    places = queries_blind.where(of)
    bad = [
        BadLine(
            n,
            "verdict",
            f"Nothing of {one.number} stands in quarantine any more: {one.left_units} of {one.sku} have left it.",
            "Put them on an order: they were sold, used or released.",
        )
        for n, one in enumerate(of, start=1)
        if not places.get(one.discrepancy_id)
    ]
    if bad:
        raise BadDiscrepancy(bad[0].message, lines=bad, fix=bad[0].fix)
    steps_corrections.send_out(
        ctx,
        [leaving for one in of for leaving in _leaving(one, places[one.discrepancy_id])],
        reason="SUPPLIER_RETURN",
    )
    sent = {one.discrepancy_id: sum(found.units for found in places[one.discrepancy_id]) for one in of}
    sql.execute(
        """
        UPDATE inbound_discrepancy d
        SET sent_units = d.sent_units + n.units,
            note = left(concat_ws(' ', nullif(d.note, ''), nullif(n.words, '')), 400)
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS n(id, units, words) WHERE d.id = n.id
        """,
        (list(sent), list(sent.values()), [_partly(one, sent[one.discrepancy_id]) for one in of]),
    )
    return sent


def _partly(goods: BlindGoods, sent: int) -> str:
    """What is said of goods of which only a part went back."""
    left = goods.left_units - sent
    return f"{sent} went back, {left} have left quarantine: put them on an order." if left else ""


def _leaving(goods: BlindGoods, places: Sequence[Found]) -> list[Leaving]:
    found, before = [], goods.sent_units
    for place in places:
        value = rules_corrections.worth_of(goods.value, goods.units, first=before, last=before + place.units)
        spot = Place(place.spot.location_id, place.spot.lpn_id, QUARANTINE)
        found.append(Leaving(_receipt(goods), spot, place.units, value))
        before += place.units
    return found


def _receipt(goods: BlindGoods) -> Receipt:
    return Receipt(goods.move_id, goods.item_id, goods.site_id, goods.lot_id, goods.costing, goods.origin)
