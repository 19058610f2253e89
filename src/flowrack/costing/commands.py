"""What finance does with cost: standard costs, late costs, costing methods."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.catalog import steps as catalog
from flowrack.costing import locks, queries, rules, steps
from flowrack.costing.locks import Book
from flowrack.costing.models import LateCost, LateCostShare, Revaluation, RevaluationLine
from flowrack.costing.queries import ItemCost, Receipt
from flowrack.costing.rules import LateShare, ReceiptLeft
from flowrack.costing.types import (
    LATE_COST,
    REVALUATION,
    ApproveRevaluation,
    ChangeCosting,
    CostingChanged,
    CostRefused,
    LateCostPosted,
    PostLateCost,
    RevaluationState,
    SetStandardCost,
    SplitBy,
    StandardCostSet,
    StockInTheWay,
)
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move
from flowrack.locations import queries as locations
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, WrongState
from flowrack.shared.money import to_money, to_unit_cost
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

METHODS = ("fifo", "average", "standard", "lot_actual")


@command(permission="costing.revalue", result=StandardCostSet)
def set_standard_cost(ctx: Context, req: SetStandardCost) -> StandardCostSet:
    """Set new standard costs and revalue what is in stock.

    Posts VARIANCE <-> STOCK-VALUE, value only; emits costing.revalued. Above 10,000.00 it is only proposed and a second
    person approves. Refuses with CostRefused.
    """
    items = _checked_costs(req)
    new = {cost.item_id: to_unit_cost(cost.unit_cost) for cost in req.costs}
    changes = _changes(new)
    doc = Revaluation.objects.create(
        number=next_number("REV"),
        reason=req.reason,
        state=RevaluationState.PROPOSED,
        value=sum((amount for _, amount in changes), Decimal(0)),
        proposed_by_id=ctx.actor_id,
        proposed_at=ctx.now,
    )
    RevaluationLine.objects.bulk_create(
        RevaluationLine(
            revaluation=doc,
            item_id=item_id,
            old_cost=items[item_id].standard_cost,
            new_cost=unit_cost,
            units=Units(sum(book.units for book, _ in changes if book.item_id == item_id)),
            value=sum((amount for book, amount in changes if book.item_id == item_id), Decimal(0)),
        )
        for item_id, unit_cost in new.items()
    )
    ctx.subject = ref(REVALUATION, doc.pk)
    if sum((abs(amount) for _, amount in changes), Decimal(0)) <= rules.SECOND_PERSON_ABOVE:
        steps.post_revaluation(ctx, doc, changes)
    return StandardCostSet(doc.pk, str(doc.state), to_money(doc.value), doc.posting_id or 0)


@command(permission="costing.revalue", result=StandardCostSet)
def approve_revaluation(ctx: Context, req: ApproveRevaluation) -> StandardCostSet:
    """Post a proposed revaluation, at what is in stock now.

    Posts VARIANCE <-> STOCK-VALUE; emits costing.revalued. Refuses with WrongState, or DutiesConflict S16 for the
    person who proposed it.
    """
    doc = locks.revaluation(req.revaluation_id)
    ctx.subject = ref(REVALUATION, doc.pk)
    if doc.state != RevaluationState.PROPOSED:
        raise WrongState("The revaluation is posted.", fix="Make a new one to change the cost again.")
    ctx.require_other_person(
        doc.proposed_by_id,
        rule="S16",
        sentence="You proposed this revaluation; a second person of finance must approve.",
    )
    doc.approved_by_id = ctx.actor_id
    lines = RevaluationLine.objects.filter(revaluation=doc)
    steps.post_revaluation(ctx, doc, _changes({line.item_id: line.new_cost for line in lines}))
    return StandardCostSet(doc.pk, str(doc.state), to_money(doc.value), doc.posting_id or 0)


@command(permission="costing.post", result=LateCostPosted)
def post_late_cost(ctx: Context, req: PostLateCost) -> LateCostPosted:
    """Book a cost that came after its goods, split between what is still in stock and what was sold.

    Posts CLEARING -> STOCK-VALUE and CLEARING -> CUSTOMER (of standard-cost items: -> VARIANCE), value only and dated
    today; a credit goes the other way. Emits nothing. Refuses with CostRefused.
    """
    items = queries.item_costs([r.item_id for r in _checked_receipts(req)])
    books = locks.stock_books(sorted(items))
    receipts = _checked_receipts(req)  # again: before the lock somebody may have sold of their layers
    left = _units_left(receipts, items, books)
    shares = rules.share_late_cost(req.amount, left, split_by=SplitBy(req.split_by))
    late = LateCost(
        number=next_number("LC"),
        reason=req.reason,
        amount=req.amount,
        stock_value=sum((s.stock for s in shares), Decimal(0)),
        sold_value=sum((s.sold for s in shares), Decimal(0)),
        split_by=req.split_by,
        posting_id=0,
        posted_by_id=ctx.actor_id,
        posted_at=ctx.now,
    )
    late.save()
    ctx.subject = ref(LATE_COST, late.pk)
    posting = ledger.post(ctx, _late_moves(receipts, items, shares, ref(LATE_COST, late.pk)))
    late.posting_id = posting.posting_id
    late.save(update_fields=["posting_id"])
    LateCostShare.objects.bulk_create(
        LateCostShare(
            late_cost=late, receipt_move_id=r.move_id, item_id=r.item_id, stock_value=s.stock, sold_value=s.sold
        )
        for r, s in zip(receipts, shares, strict=True)
    )
    return LateCostPosted(late.pk, posting.posting_id, to_money(late.stock_value), to_money(late.sold_value))


@command(permission="costing.revalue", result=CostingChanged)
def change_costing(ctx: Context, req: ChangeCosting) -> CostingChanged:
    """Give an item another costing method; only while it has neither stock nor value anywhere.

    Posts nothing. Refuses with StockInTheWay or CostRefused.
    """
    item = queries.item_costs([req.item_id]).get(req.item_id)
    if item is None:
        raise CostRefused("There is no such item.", fix="Search the item.")
    if req.costing not in METHODS:
        raise CostRefused("No such costing method.", fix=f"Use one of: {', '.join(METHODS)}.")
    if req.costing == "standard" and req.standard_cost is None and item.standard_cost is None:
        raise CostRefused(f"{item.sku} has no standard cost.", fix="Send the standard cost along.")
    stock = [book for book in locks.stock_books([req.item_id]) if book.units or book.value]
    if stock:
        units = sum(book.units for book in stock)
        raise StockInTheWay(
            f"{item.sku} has {units} units in stock; its costing method cannot change.",
            fix="Change it when the stock is gone, or start a new item.",
        )
    catalog.set_costing(req.item_id, req.costing, req.standard_cost)
    return CostingChanged(req.item_id, req.costing)


def _checked_costs(req: SetStandardCost) -> dict[int, ItemCost]:
    items = queries.item_costs([cost.item_id for cost in req.costs])
    bad = []
    seen: set[int] = set()
    for n, cost in enumerate(req.costs, start=1):
        item = items.get(cost.item_id)
        if item is None:
            bad.append(BadLine(n, "item_id", "There is no such item.", "Search the item."))
        elif item.costing != "standard":
            sentence = f"{item.sku} is costed by {item.costing}, not at standard."
            bad.append(BadLine(n, "item_id", sentence, "Change its costing method first, or post a late cost."))
        elif cost.unit_cost < 0:
            bad.append(BadLine(n, "unit_cost", "A cost is 0 or more.", "Correct the cost."))
        elif cost.item_id in seen:
            bad.append(BadLine(n, "item_id", f"{item.sku} is named twice.", "Name each item once."))
        seen.add(cost.item_id)
    if bad or not req.costs:
        raise CostRefused("Some costs cannot be set.", lines=bad, fix="Name at least one item.")
    if not req.reason.strip():
        raise CostRefused("A new cost needs a reason.", fix="Say why the cost changes.")
    return items


def _changes(new: dict[int, Decimal]) -> list[tuple[Book, Decimal]]:
    """What to add to the value of each book of these items."""
    books = locks.stock_books(sorted(new))
    return [(book, rules.revaluation(book.units, book.value, new[book.item_id])) for book in books if book.units]


def _checked_receipts(req: PostLateCost) -> list[Receipt]:
    if req.split_by not in list(SplitBy):
        raise CostRefused("A cost is split by value, units or lines.", fix="Choose one of them.")
    if req.amount == 0 or req.amount != to_money(req.amount):
        raise CostRefused("The amount is money to the cent, and not 0.", fix="Correct the amount.")
    if not req.reason.strip():
        raise CostRefused("A late cost needs a reason.", fix="Name the invoice.")
    found = queries.receipts(req.receipt_move_ids)
    wanted = list(dict.fromkeys(req.receipt_move_ids))
    bad = [
        BadLine(n, "receipt_move_ids", "This move brought no stock in.", "Choose a receipt.")
        for n, key in enumerate(wanted, start=1)
        if key not in found
    ]
    if bad or not wanted:
        raise CostRefused("Some receipts were not found.", lines=bad, fix="Name the receipts that the cost is for.")
    return [found[key] for key in wanted]


def _units_left(receipts: Sequence[Receipt], items: dict[int, ItemCost], books: Sequence[Book]) -> list[ReceiptLeft]:
    """How many units of each receipt are still in stock: of FIFO items its layer, of others the latest come last.

    Stock of standard-cost items stays at standard, so nothing of a late cost can rest on it.
    """
    on_hand: dict[tuple[int, int, int], int] = {}
    for book in books:
        if book.account == "inventory":
            on_hand[book.item_id, book.site_id, book.lot_id] = book.units
    left: dict[int, int] = {}
    for r in sorted(receipts, key=lambda x: -x.move_id):
        costing = items[r.item_id].costing
        key = (r.item_id, r.site_id, r.lot_id if costing == "lot_actual" else 0)
        if costing == "fifo":
            left[r.move_id] = r.layer_left or 0
        elif costing == "standard":
            left[r.move_id] = 0
        else:
            left[r.move_id] = min(r.units, on_hand.get(key, 0))
            on_hand[key] = on_hand.get(key, 0) - left[r.move_id]
    return [ReceiptLeft(r.move_id, r.units, r.value, left[r.move_id]) for r in receipts]


def _late_moves(
    receipts: Sequence[Receipt], items: dict[int, ItemCost], shares: Sequence[LateShare], origin: str
) -> list[Move]:
    places = {r.site_id: locations.virtuals(r.site_id) for r in receipts}
    moves: list[Move] = []
    for r, share in zip(receipts, shares, strict=True):
        costing = items[r.item_id].costing
        sold = "VARIANCE" if costing == "standard" else "CUSTOMER"
        for amount, place in ((share.stock, "STOCK-VALUE"), (share.sold, sold)):
            if amount:
                of_move = r.move_id if costing == "fifo" and place == "STOCK-VALUE" else 0
                moves.append(
                    steps.value_move(
                        places[r.site_id], r.item_id, amount, "CLEARING", place, origin, lot_id=r.lot_id,
                        of_move=of_move, reason="LATE_COST",
                    )
                )  # fmt: skip
    return moves
