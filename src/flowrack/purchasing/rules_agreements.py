"""What an agreement means for an order: its price, its days; and what cannot be agreed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from flowrack.parties.rules import supply_date
from flowrack.purchasing.rules import price as cost_text
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    AgreedTerms,
    AgreementContent,
    Break,
    ItemTerms,
    OrderTerms,
    Priced,
    PriceSource,
)
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_unit_cost

RULE = "purchasing.price/1"
TENTH = Decimal("0.1")
EVERY_DAY = {1, 2, 3, 4, 5, 6, 7}
LONGEST_WAIT_DAYS = 366


def break_for(breaks: Sequence[Break], units: int) -> Break | None:
    """The price break that a quantity reaches; below the lowest one, the lowest. None without any."""
    reached = [b for b in breaks if b.from_units <= units]
    if reached:
        return max(reached, key=lambda b: b.from_units)
    return min(breaks, key=lambda b: b.from_units, default=None)


def price_of(
    terms: ItemTerms | None, *, units: int, typed: Decimal | None, standard_cost: Decimal | None
) -> Priced | None:
    """The unit cost of a line: the one typed, else the agreement's, else the supplier's list, else the standard cost.

    None when nobody knows a price. What was agreed is kept beside a typed price, so that a difference can be seen.
    """
    found = break_for(terms.breaks, units) if terms else None
    agreed = found.unit_cost if found else terms.list_cost if terms else None
    told = _told(terms, found)
    if typed is not None:
        cost = to_unit_cost(typed)
        return Priced(cost, PriceSource.TYPED, agreed, found.price_id if found else None, _typed(cost, agreed, told))
    if found is not None:
        return Priced(to_unit_cost(found.unit_cost), PriceSource.AGREEMENT, agreed, found.price_id, f"{told}.")
    if agreed is not None:
        return Priced(to_unit_cost(agreed), PriceSource.LIST, agreed, None, f"{told}; no agreement in force names it.")
    if standard_cost is not None:
        sentence = f"{cost_text(standard_cost)}: the standard cost, as the supplier has told no price."
        return Priced(to_unit_cost(standard_cost), PriceSource.STANDARD, None, None, sentence)
    return None


def _told(terms: ItemTerms | None, found: Break | None) -> str:
    if terms is None:
        return ""
    if found is None:
        return "" if terms.list_cost is None else f"{cost_text(terms.list_cost)} by the supplier's list"
    since = f", since {terms.starts_on.day} {terms.starts_on:%b %Y}" if terms.starts_on else ""
    least = f"from {found.from_units:,} unit{'s' if found.from_units != 1 else ''}"
    return f"{cost_text(found.unit_cost)} by agreement {terms.agreement}, {least}{since}"


def _typed(cost: Decimal, agreed: Decimal | None, told: str) -> str:
    if agreed is None:
        return f"{cost_text(cost)}: typed; nothing is agreed."
    if cost == agreed:
        return f"{cost_text(cost)}: typed, the same as {told}."
    off = off_pct(agreed=agreed, cost=cost)
    by = "" if off is None else f", {abs(off)} % {'above' if cost > agreed else 'below'}"
    return f"{cost_text(cost)}: typed{by}; it would be {told}."


def off_pct(*, agreed: Decimal | None, cost: Decimal) -> Decimal | None:
    """By how many percent a price is above the agreed one, one decimal; negative below it, None without one."""
    if not agreed:
        return None
    return ((cost - agreed) / agreed * 100).quantize(TENTH, rounding=ROUND_HALF_UP)


def due_on(*, today: date, lead_time_days: int, terms: OrderTerms) -> date:
    """The first day on which an order of today can come: when the supplier takes it, the lead time, a delivery day."""
    day = today
    for _ in range(LONGEST_WAIT_DAYS):
        if day.isoweekday() in terms.order_weekdays and day not in terms.closed_days:
            break
        day += timedelta(days=1)
    return supply_date(
        ordered_on=day,
        lead_time_days=lead_time_days,
        delivery_weekdays=terms.delivery_weekdays,
        holidays=terms.closed_days,
    )


def agreement_faults(content: AgreementContent) -> list[BadLine]:
    """Everything that is wrong with an agreement; line 0 is its head."""
    bad = _head_faults(content) + _terms_faults(content.terms)
    seen: dict[tuple[int | None, int | None], int] = {}
    for number, line in enumerate(content.lines, start=1):
        key = (line.item_id, line.family_id)
        if (line.item_id is None) == (line.family_id is None):
            bad.append(BadLine(number, "item", "A line is for one item or one family.", "Name one of the two."))
        elif key in seen:
            bad.append(BadLine(number, "item", f"Line {seen[key]} is for the same.", "Put the prices into one line."))
        seen.setdefault(key, number)
        bad += _line_faults(number, line, content)
    return bad


def _head_faults(content: AgreementContent) -> list[BadLine]:
    if content.valid_to is not None and content.valid_to < content.valid_from:
        return [BadLine(0, "valid_to", "It would end before it begins.", "Choose a later day, or none.")]
    return []


def _terms_faults(terms: AgreedTerms) -> list[BadLine]:
    bad = [
        BadLine(0, name, "Less than nothing.", "Use 0 or more.")
        for name in ("lead_time_days", "min_value", "min_weight_g", "min_volume_ml", "early_days", "late_days")
        if (value := getattr(terms, name)) is not None and value < 0
    ]
    bad += [
        BadLine(0, name, "That is no tolerance.", "Use 0 to 99 percent.")
        for name in ("over_pct", "under_pct")
        if (value := getattr(terms, name)) is not None and not 0 <= value < 100
    ]
    bad += [
        BadLine(0, name, "Weekdays are 1 (Monday) to 7, at least one.", "Choose the days.")
        for name in ("order_weekdays", "delivery_weekdays")
        if (days := getattr(terms, name)) is not None and (not days or not set(days) <= EVERY_DAY)
    ]
    return bad


def _line_faults(number: int, line: AgreedLine, content: AgreementContent) -> list[BadLine]:
    bad = [
        BadLine(number, name, "Less than 1.", "Use 1 or more.")
        for name in ("moq", "multiple")
        if (value := getattr(line, name)) is not None and value < 1
    ]
    if line.lead_time_days is not None and line.lead_time_days < 0:
        bad.append(BadLine(number, "lead_time_days", "Less than nothing.", "Use 0 or more."))
    if line.over_pct is not None and not 0 <= line.over_pct < 100:
        bad.append(BadLine(number, "over_pct", "That is no tolerance.", "Use 0 to 99 percent."))
    breaks: set[tuple[date, int]] = set()
    for price in line.prices:
        starts = price.starts_on or content.valid_from
        if not price.unit_cost.is_finite() or price.unit_cost < 0:
            bad.append(BadLine(number, "unit_cost", "A price cannot be negative.", "Type 0 or more."))
        if price.from_units < 1:
            bad.append(BadLine(number, "from_units", "A price begins with at least 1 unit.", "Type 1 or more."))
        if starts < content.valid_from or (content.valid_to is not None and starts > content.valid_to):
            bad.append(BadLine(number, "starts_on", f"{starts} is outside the agreement.", "Choose a day within it."))
        if (starts, price.from_units) in breaks:
            twice = f"{price.from_units} units from {starts} have two prices."
            bad.append(BadLine(number, "from_units", twice, "Keep one."))
        breaks.add((starts, price.from_units))
    return bad


def carried_over(lines: Sequence[AgreedLine], valid_from: date) -> list[AgreedLine]:
    """The lines as a version from a day on begins with them: the prices that count on that day, and later ones."""
    carried = []
    for line in lines:
        days = [p.starts_on for p in line.prices if p.starts_on is not None and p.starts_on <= valid_from]
        current = max(days, default=None)
        prices = [
            replace(p, starts_on=valid_from) if p.starts_on == current else p
            for p in line.prices
            if p.starts_on is not None and (p.starts_on == current or p.starts_on > valid_from)
        ]
        carried.append(replace(line, prices=prices))
    return carried
