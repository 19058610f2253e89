"""Filling an order up to the supplier's minimum with what runs out first. Pure and deterministic.

What is needed comes first. While the order is under the minimum in money, weight or volume, one more multiple of the
item with the fewest days of cover is added (ties by SKU), so that the extra money buys the earliest need.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil

from flowrack.purchasing.rules import fit_to_agreement, line_total
from flowrack.purchasing.rules_agreements import price_of
from flowrack.purchasing.types_builder import Built, BuiltLine, Candidate, Minimum

RULE = "purchasing.fill/1"
KINDS = ("value", "weight_g", "volume_ml")


@dataclass(slots=True)
class _Order:
    """Units by item while the order grows, with running totals; candidates by item."""

    of: Mapping[int, Candidate]
    minimum: Minimum
    units: dict[int, int] = field(default_factory=dict)
    totals: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(KINDS, Decimal(0)))

    def put(self, item_id: int, units: int) -> None:
        """Make a line so long."""
        before, now = self.figures(item_id, self.units.get(item_id, 0)), self.figures(item_id, units)
        for kind in KINDS:
            self.totals[kind] += now[kind] - before[kind]
        self.units[item_id] = units

    def figures(self, item_id: int, units: int) -> dict[str, Decimal]:
        """Money, grams and millilitres of so many units of an item."""
        one = self.of[item_id]
        return {
            "value": line_total(units=units, unit_cost=cost_of(one, units)) if units else Decimal(0),
            "weight_g": Decimal(units * one.weight_g // one.weight_of),
            "volume_ml": Decimal(units * one.volume_ml // one.volume_of),
        }

    def open_kinds(self) -> list[str]:
        """The minimums that are not reached."""
        return [kind for kind in KINDS if self.totals[kind] < getattr(self.minimum, kind)]

    def binding(self) -> tuple[str, int]:
        """The minimum of which the order has the smallest share, and that share."""
        return share_of(self.totals, self.minimum)


def share_of(have: Mapping[str, Decimal], minimum: Minimum) -> tuple[str, int]:
    """The minimum of which the smallest share is there, and that share in percent, rounded down; "", 100 without."""
    shares = [(Fraction(have[kind]) / Fraction(least), kind) for kind in KINDS if (least := getattr(minimum, kind)) > 0]
    if not shares:
        return "", 100
    share, kind = min(shares, key=lambda s: s[0])
    return kind, int(share * 100)


def cost_of(one: Candidate, units: int) -> Decimal:
    """What a unit costs when so many are ordered; nothing where nobody knows a price."""
    priced = price_of(one.terms, units=units, typed=None, standard_cost=one.standard_cost)
    return priced.unit_cost if priced else Decimal(0)


def build(candidates: Sequence[Candidate], needs: Mapping[int, int], minimum: Minimum, *, max_cover_days: int) -> Built:
    """The order for what is needed (units by item), filled up to the minimum.

    Nothing is added that has not sold, or of which the order would make more than `max_cover_days` of cover. Needs of
    items that are no candidates are not for this supplier.
    """
    order = _Order({c.item_id: c for c in candidates}, minimum)
    for item_id, wanted in needs.items():
        terms = order.of[item_id].terms
        if wanted > 0:
            order.put(item_id, fit_to_agreement(units=wanted, moq=terms.moq, multiple=terms.multiple))
    needed = dict(order.units)
    passed_over = _fill(order, max_cover_days)
    return _told(order, needed, passed_over)


def _fill(order: _Order, max_cover_days: int) -> dict[int, str]:
    """Add what runs out first until the minimum is reached or nothing is left; why items were passed over."""
    passed_over: dict[int, str] = {}
    queue = []
    for one in order.of.values():
        if one.sold_units > 0:
            queue.append((_cover(order, one), one.sku, one.item_id))
        elif one.item_id not in order.units:
            passed_over[one.item_id] = "It has not sold for three months."
    heapq.heapify(queue)
    while queue and (still := order.open_kinds()):
        _, sku, item_id = heapq.heappop(queue)
        one, before = order.of[item_id], order.units.get(item_id, 0)
        after = _next(one, before)
        more = order.figures(item_id, after)
        if (one.position + after) > max_cover_days * one.daily:
            passed_over[item_id] = f"It would last more than {max_cover_days} days."
        elif all(more[kind] <= order.figures(item_id, before)[kind] for kind in still):
            passed_over[item_id] = "It brings the order no nearer to the minimum."
        else:
            order.put(item_id, _as_far_as_lowest(order, one, after, queue[0][0] if queue else None, max_cover_days))
            heapq.heappush(queue, (_cover(order, one), sku, item_id))
    return {item_id: why for item_id, why in passed_over.items() if item_id not in order.units}


def _cover(order: _Order, one: Candidate) -> Fraction:
    return (one.position + order.units.get(one.item_id, 0)) / one.daily


def _next(one: Candidate, units: int) -> int:
    """One more multiple; the first time at least the supplier's minimum quantity."""
    return fit_to_agreement(units=units + 1, moq=one.terms.moq, multiple=one.terms.multiple)


def _as_far_as_lowest(
    order: _Order, one: Candidate, first: int, next_cover: Fraction | None, max_cover_days: int
) -> int:
    """Up to which units one item is filled at once: until it is not the lowest any more, or a minimum is reached.

    The same as adding one multiple after the other, without looking at each.
    """
    step = max(one.terms.multiple, 1)
    times = int((max_cover_days * one.daily - one.position - first) // step)
    if next_cover is not None:
        times = min(times, max(0, ceil((next_cover * one.daily - one.position - first) / step)))
    still, low, high = order.open_kinds(), 0, times
    while low < high:
        middle = (low + high) // 2
        if _reaches_one(order, one.item_id, first + middle * step, still):
            high = middle
        else:
            low = middle + 1
    return first + low * step


def _reaches_one(order: _Order, item_id: int, units: int, kinds: Sequence[str]) -> bool:
    now, then = order.figures(item_id, order.units.get(item_id, 0)), order.figures(item_id, units)
    return any(order.totals[kind] - now[kind] + then[kind] >= getattr(order.minimum, kind) for kind in kinds)


def _told(order: _Order, needed: Mapping[int, int], passed_over: Mapping[int, str]) -> Built:
    """The lines with what each buys: the running share is that of the lines in their order."""
    shown = _Order(order.of, order.minimum)
    lines = []
    for item_id, units in needed.items():
        shown.put(item_id, units)
        kind, share = shown.binding()
        so_far = f"; the order is at {share} % of the minimum" if kind else ""
        lines.append((item_id, f"{units:,} units needed: {shown.figures(item_id, units)['value']:,.2f}{so_far}."))
    value_needed = shown.totals["value"]
    sentences = dict(lines)
    for item_id, units in order.units.items():
        added = units - needed.get(item_id, 0)
        if added:
            sentences[item_id] = f"{sentences.get(item_id, '')} {_bought(shown, item_id, added)}".strip()
    kind, share = order.binding()
    built = tuple(_line(order, item_id, needed.get(item_id, 0), text) for item_id, text in sentences.items())
    return Built(
        lines=built,
        value=order.totals["value"],
        weight_g=int(order.totals["weight_g"]),
        volume_ml=int(order.totals["volume_ml"]),
        share_pct=share,
        is_reached=not order.open_kinds(),
        sentence=_sum(order, value_needed, sum(1 for line in built if line.filled), kind, share),
        passed_over=tuple(sorted((order.of[item_id].sku, why) for item_id, why in passed_over.items())),
    )


def _bought(shown: _Order, item_id: int, added: int) -> str:
    """48 units: 12 more days of cover, 340.00 towards the minimum, now 96 %.

    Told in the kind that is still open and of which the line brings the largest share.
    """
    before = shown.units.get(item_id, 0)
    old, new = shown.figures(item_id, before), shown.figures(item_id, before + added)
    shares = [(Fraction(new[k] - old[k]) / max(Fraction(_least(shown, k)), Fraction(1)), k) for k in KINDS]
    still = shown.open_kinds() or ["value"]
    _, kind = max((share for share in shares if share[1] in still), key=lambda share: share[0])
    days = int(added / shown.of[item_id].daily)
    shown.put(item_id, before + added)
    more = f"{days:,} more day{'s' if days != 1 else ''} of cover"
    gained = amount_text(kind, new[kind] - old[kind])
    return f"{added:,} units: {more}, {gained} towards the minimum, now {shown.binding()[1]} %."


def _least(order: _Order, kind: str) -> Decimal:
    return Decimal(getattr(order.minimum, kind))


def amount_text(kind: str, amount: Decimal) -> str:
    """Money, kilograms or cubic metres as people read them."""
    if kind == "weight_g":
        return f"{amount / 1000:,.1f} kg"
    return f"{amount / 1_000_000:,.3f} m³" if kind == "volume_ml" else f"{amount:,.2f}"


def _line(order: _Order, item_id: int, needed: int, sentence: str) -> BuiltLine:
    one, units = order.of[item_id], order.units[item_id]
    return BuiltLine(
        item_id=item_id,
        sku=one.sku,
        name=one.name,
        units=units,
        needed=needed,
        filled=units - needed,
        unit_cost=cost_of(one, units),
        value=order.figures(item_id, units)["value"],
        position=one.position,
        cover_days=int(_cover(order, one)) if one.sold_units else None,
        sentence=sentence,
    )


def _sum(order: _Order, value_needed: Decimal, filled: int, kind: str, share: int) -> str:
    """The whole order in a sentence."""
    total = order.totals["value"]
    if not kind:
        return f"{total:,.2f}; the supplier asks no minimum."
    least = amount_text(kind, Decimal(getattr(order.minimum, kind)))
    lines = f"{filled} line{'s' if filled != 1 else ''}"
    if not filled:
        reach = "reaches" if not order.open_kinds() else "stays under"
        return f"{total:,.2f} needed, which {reach} the minimum of {least}: {share} %."
    added = f"{value_needed:,.2f} needed, {total - value_needed:,.2f} added in {lines}"
    if order.open_kinds():
        end = "Nothing else that sells soon enough brings it nearer."
        return f"{added}; still under the minimum of {least}: {share} %. {end}"
    return f"{added} to reach the minimum of {least}: {share} %."
