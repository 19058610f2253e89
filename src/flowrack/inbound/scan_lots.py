"""Receive by scan: the lot and dates of what is counted, and what a person must be told of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flowrack.catalog import queries as catalog
from flowrack.inbound import queries_lots, queries_pages
from flowrack.platform.web import clock
from flowrack.platform.web.scan import MORE, OK, WRONG, Visit, WrongScan
from flowrack.shared.gs1 import Gs1Scan


def refuse_dates(label: Gs1Scan) -> None:
    """Refuse a label that contradicts itself."""
    if label.made_on and label.expires_on and label.expires_on < label.made_on:
        raise WrongScan(
            f"The label says made on {day_words(label.made_on)}, but good until {day_words(label.expires_on)}.",
            "Set it aside; ask the buyer.",
        )


def lot(visit: Visit, code: str) -> str:
    """The lot that was asked for. One that only another item has is refused, until a button says that both have it."""
    state = visit.state
    count = state["count"]
    other = queries_lots.item_of_lot(code, not_item=int(count["item"]))
    if other:
        state.update(doubt=code, ask="lot")
        state["held"] = [
            f"Lot {code} is on file for {other}.",
            f"Scan the lot on {count['sku']}. Only if both really have this number, tap Same number.",
        ]
        return WRONG
    return _with_lot(state, code)


def same_lot(visit: Visit) -> str:
    """The label was read again: both items have a lot with this number."""
    visit.state["count"]["sure"] = True
    return _with_lot(visit.state, visit.state["doubt"])


def _with_lot(state: dict[str, Any], code: str) -> str:
    state.pop("doubt", None)
    state["count"]["lot"] = code
    return ask_next(state)


def ask_next(state: dict[str, Any]) -> str:
    """What the screen asks next of what is counted: lot, date, quantity, or nothing."""
    count = state["count"]
    state.pop("ask", None)
    if count["tracking"] != "none" and not count["lot"]:
        state["ask"] = "lot"
    elif count["has_expiry"] and not _date_of(count):
        state["ask"] = "expiry"
    elif _is_expired(count) and not count.get("apart"):
        state["ask"] = "expired"
        state["held"] = ["Expired", f"Good until {day_words(_date_of(count))}. It would be set apart for the buyer."]
    elif count["units"] <= 0:
        state["ask"] = "units"
    return MORE if "ask" in state else OK


def take_in_apart(visit: Visit) -> str:
    """Expired goods are taken in all the same, and set apart."""
    if visit.state.get("ask") != "expired":
        return ""
    visit.state["count"]["apart"] = True
    return ask_next(visit.state)


def _date_of(count: dict[str, Any]) -> date | None:
    """Until when the goods are good: as the label says, else as their lot is known."""
    if count["expires"]:
        return date.fromisoformat(count["expires"])
    found = catalog.lots_by_code([(int(count["item"]), str(count["lot"]))])
    return next((row.expires_on for row in found.values() if row.expires_on is not None), None)


def _is_expired(count: dict[str, Any]) -> bool:
    until = _date_of(count) if count["has_expiry"] else None
    return until is not None and until < clock.today()


def refuse_other_date(count: dict[str, Any], label: Gs1Scan) -> None:
    """Refuse a label that gives the goods that are counted another date: one lot has one date."""
    until = _date_of(count) if count["has_expiry"] else None
    other = label.expires_on
    if until is None or other is None or other == until:
        return
    lot = f"Lot {count['lot']}" if count["lot"] else f"What is counted of {count['sku']}"
    expired = ", which is expired" if other < clock.today() else ""
    raise WrongScan(
        f"{lot} is good until {day_words(until)}, but this label says {day_words(other)}{expired}.",
        "One lot has one date. Do not count it with the others: set it aside and ask the buyer.",
    )


def day_words(value: date | None) -> str:
    """A date as the scanner shows all dates: 1 Mar 2026."""
    return f"{value.day} {value:%b %Y}" if value else ""


def day(text: str) -> date:
    """A date as people and GS1 labels write it; refuses what is none, such as 29 February of a common year."""
    try:
        if len(text) == 6 and text.isdigit():
            return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
        return date.fromisoformat(text)
    except ValueError:
        raise WrongScan(f"“{text[:20]}” is no date.", "Type it as 2027-01-31.") from None


def why_held(what: str, posting_ids: Sequence[int]) -> list[str]:
    """What was stored but must be set apart, and why."""
    reasons = [
        re.sub(r"\d{4}-\d\d-\d\d", lambda found: day_words(date.fromisoformat(found[0])), reason)
        for reason in queries_pages.reasons_of(posting_ids)
    ]
    return [f"Set apart: {what}", " ".join([*reasons[:2], "It is held until the buyer decides."])]
