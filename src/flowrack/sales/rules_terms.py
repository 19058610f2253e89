"""Terms of one order: what is wrong with them, what differs, and what that does. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from flowrack.sales.types_changes import Changed, OrderSeen, OrderTerms
from flowrack.sales.types_terms import ANY, NEVER, TERMS, GivenTerms
from flowrack.shared.errors import BadLine

LAST = {"waits": "waits for the rest", "cancels": "leaves, and the rest is cancelled"}
SUBSTITUTES = {"no": "none", "consent": "with his consent", "yes": "by our list"}
LOTS = {"any": "any", "same": "the one he got last first", "new": "none that he had before"}
NAMES = TERMS[1:]  # of OrderTerms, in the order of its fields
NOTHING = OrderTerms(None, "waits", Decimal(0), None, "no", 0, "any")  # the terms of who asks for nothing
MOST_SHIPMENTS = 1_000
MOST_DAYS = 3_650


def contradiction(most: int) -> str:
    """Of an order that is delivered complete and may have several shipments: what does not go together."""
    return f"One complete delivery and {most:,} shipments at most contradict each other."


def faults(terms: OrderTerms, *, policy: str, shipments: int) -> list[BadLine]:
    """What is wrong with the terms of an order of which so many shipments have left."""
    bad: list[BadLine] = []
    most = terms.max_shipments
    if most is not None and policy == "complete" and most > 1:
        fix = "Leave it empty, or deliver in parts first (Override terms)."
        bad.append(BadLine(0, "max_shipments", contradiction(most), fix))
    elif most is not None and not shipments < most <= MOST_SHIPMENTS:
        left = f" {shipments:,} have left already." if shipments else ""
        fix = f"Use {shipments + 1:,} to {MOST_SHIPMENTS:,}, or leave it empty."
        bad.append(BadLine(0, "max_shipments", f"{most:,} shipments at most are not possible.{left}", fix))
    for name, days in (("cancel_after_days", terms.cancel_after_days), ("life_days", terms.life_days)):
        if days is not None and not 0 <= days <= MOST_DAYS:
            bad.append(BadLine(0, name, f"{days:,} days are not possible.", f"Use 0 to {MOST_DAYS:,}."))
    if terms.min_shipment_value < 0:
        bad.append(BadLine(0, "min_shipment_value", "Less than nothing.", "Use 0 or more."))
    for name, word, known in (
        ("last_shipment", terms.last_shipment, LAST),
        ("substitutes", terms.substitutes, SUBSTITUTES),
        ("lot_rule", terms.lot_rule, LOTS),
    ):
        if word not in known:
            bad.append(BadLine(0, name, f"“{word}” is not one of the words.", f"Use {', '.join(known)}."))
    return bad


def at_entry(usual: OrderTerms, asked: GivenTerms, *, policy: str) -> tuple[OrderTerms, list[BadLine]]:
    """The terms of an order that names some of them, in place of its customer's, and what is wrong with those."""
    bad: list[BadLine] = []
    most, end = usual.max_shipments, usual.cancel_after_days
    if asked.max_shipments:
        most = None if asked.max_shipments.lower() == ANY else _number(asked.max_shipments, "max_shipments", ANY, bad)
    if asked.cancel_after_days:
        is_never = asked.cancel_after_days.lower() == NEVER
        end = None if is_never else _number(asked.cancel_after_days, "cancel_after_days", NEVER, bad)
    value, life = asked.min_shipment_value, asked.life_days
    terms = OrderTerms(
        max_shipments=most,
        last_shipment=asked.last_shipment.lower() or usual.last_shipment,
        min_shipment_value=usual.min_shipment_value if value is None else value,
        cancel_after_days=end,
        substitutes=asked.substitutes.lower() or usual.substitutes,
        life_days=usual.life_days if life is None else life,
        lot_rule=asked.lot_rule.lower() or usual.lot_rule,
    )
    unreadable = {line.field for line in bad}
    for line in faults(terms, policy=policy, shipments=0):
        of_policy = line.field == "max_shipments" and policy == "complete" and (terms.max_shipments or 0) > 1
        if of_policy and not asked.max_shipments:
            fix = "The shipments are the customer's term: name 1 or any for this order, or choose a delivery in parts."
            bad.append(replace(line, fix=fix))
        elif getattr(asked, line.field) not in ("", None) and line.field not in unreadable:
            bad.append(replace(line, fix="Leave it empty, or choose a delivery in parts.") if of_policy else line)
    return terms, bad


def _number(text: str, name: str, word: str, bad: list[BadLine]) -> int | None:
    plain = text.strip()
    if plain.isascii() and plain.isdigit() and len(plain) < 10:
        return int(plain)
    bad.append(BadLine(0, name, f"“{text}” is neither a whole number nor “{word}”.", f"Write a number or {word}."))
    return None


def in_words(terms: OrderTerms) -> dict[str, str]:
    """Terms as people read them, by their names."""
    return dict(_words(terms))


def own(usual: OrderTerms, terms: OrderTerms) -> list[str]:
    """The names of the terms that are not the customer's."""
    return [name for name in NAMES if getattr(usual, name) != getattr(terms, name)]


def changed(before: OrderTerms, after: OrderTerms) -> list[Changed]:
    """The terms that differ, as people read them."""
    return [
        Changed(name, was, now)
        for (name, was), (_, now) in zip(_words(before), _words(after), strict=True)
        if was != now
    ]


def _words(terms: OrderTerms) -> Sequence[tuple[str, str]]:
    most, end = terms.max_shipments, terms.cancel_after_days
    return [
        ("max_shipments", "any number" if most is None else f"{most:,}"),
        ("last_shipment", LAST.get(terms.last_shipment, terms.last_shipment)),
        ("min_shipment_value", f"{terms.min_shipment_value:,.2f}"),
        ("cancel_after_days", "never" if end is None else f"{end:,}"),
        ("substitutes", SUBSTITUTES.get(terms.substitutes, terms.substitutes)),
        ("life_days", f"{terms.life_days:,}"),
        ("lot_rule", LOTS.get(terms.lot_rule, terms.lot_rule)),
    ]


SAID = {
    "max_shipments": "Shipments at most: {after} instead of {before}.",
    "last_shipment": "The last shipment, when something is missing: {after} (was: {before}).",
    "min_shipment_value": "A shipment is worth {after} at least instead of {before}; the last one may be smaller.",
    "substitutes": "Substitutes: {after} (was: {before}), from the next look for stock on.",
    "life_days": "Days of life at the customer's door, at least: {after} instead of {before}.",
    "lot_rule": "Lots: {after} (was: {before}), from the next look for stock on; what is reserved stays.",
}


def consequences(before: OrderSeen, after: OrderSeen) -> list[str]:
    """What other terms do to an order, in sentences."""
    said: list[str] = []
    for one in changed(before.terms, after.terms):
        if one.field == "cancel_after_days":
            said.append(_ends(after.terms, after.requested_on, after.today))
        else:
            said.append(SAID[one.field].format(before=one.before, after=one.after))
    if before.terms.max_shipments != after.terms.max_shipments and after.shipments:
        said.append(f"Shipments that have left: {after.shipments:,}.")
    return said


def _ends(terms: OrderTerms, requested_on: date, today: date) -> str:
    if terms.cancel_after_days is None:
        return "What waits for stock goes on waiting, however long it takes."
    until = requested_on + timedelta(days=terms.cancel_after_days)
    if until < today:
        return f"What waits for stock is cancelled within 15 minutes: it was to wait until {until:%d %b %Y}."
    return f"What waits for stock after {until:%d %b %Y} is cancelled."
