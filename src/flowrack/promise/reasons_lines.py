"""Sentences on the promise of a line, and the letter to its customer."""

from __future__ import annotations

from flowrack.promise import reasons
from flowrack.promise.queries_lines import OpenLine
from flowrack.promise.rules_case import Case
from flowrack.promise.rules_options import Answer, Option
from flowrack.promise.steps import NewPromise


def of_picked(line: OpenLine, new: NewPromise | None) -> str:
    """Of a line of which all is picked no stock is asked: it leaves with the next truck, or when somebody says."""
    on = f"Promised to leave {reasons.day(new.ships_on)}" if new else "No promise: nobody can say when it leaves"
    return f"{on}. All {line.picked:,} are picked and have not left."


def of_stock(line: OpenLine, case: Case, one: Answer, new: NewPromise | None, *, is_named: bool) -> str:
    """When a line leaves and what binds it; where a person named the day, also what stood without him."""
    option: Option = one.options[0]
    if is_named and new is not None:
        without = f"could leave {reasons.day(option.ships_on)}" if option.ships_on else "nobody can say when it leaves"
        why = "." if option.parts else f": {reasons.not_possible(one.ask, option)}"
        named = f"Promised to leave {reasons.day(new.ships_on)}: a person named the day."
        return f"{named} By stock and work {without}{why}"
    if not option.parts:
        return f"No promise: {reasons.not_possible(one.ask, option)}"
    bound = reasons.bound_words(option.bound) if option.bound else ""
    late = f", {option.days_late} days after the wish" if option.days_late else ""
    if new is not None and option.ships_on != new.ships_on:
        bound = "the order leaves whole, with its last line"
    on = reasons.day(new.ships_on if new else option.ships_on)
    return f"Promised to leave {on}{late}. Bound by: {bound}. Sure: {reasons.confidence(option, case)}."


def letter(line: OpenLine, new: NewPromise, reason: str) -> str:
    """What the customer is told. Dates are days of arrival."""
    before = f" instead of {reasons.day(line.arrives_on)}" if line.arrives_on else ""
    is_sooner = line.arrives_on is not None and new.arrives_on < line.arrives_on
    answer = (
        "If you cannot take it so soon, please answer: it can come on the day that we told you before."
        if is_sooner
        else "If this day does not suit you, please answer: part deliveries and substitutes may be possible."
    )
    return (
        f"Dear {line.customer},\n\nyour order {line.order}: {line.here:,} of {line.sku} "
        f"{'can reach you sooner,' if is_sooner else 'will reach you'} on {reasons.day(new.arrives_on)}{before}. "
        f"The reason: {reason.strip().rstrip('.')}.\n\n{answer}\n"
    )
