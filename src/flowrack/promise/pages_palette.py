"""The promise in the palette: the answer to "40 x 4711" while it is typed, on any page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import Resolver404, resolve, reverse

from flowrack.catalog import queries as catalog
from flowrack.parties import queries as parties
from flowrack.platform.http import now
from flowrack.platform.web import clock
from flowrack.platform.web.palette import Hit, palette_source
from flowrack.platform.web.viewer import Viewer
from flowrack.promise import queries_ask, queries_heard, queries_quotes, reasons
from flowrack.promise.queries_ask import Answered
from flowrack.promise.queries_heard import Here
from flowrack.promise.rules_read import read_quantity
from flowrack.promise.types import AskRefused, Question
from flowrack.sales import queries as orders
from flowrack.shared.errors import FlowrackError
from flowrack.shared.quantity import doubt, plain

PERMISSION = "promise.view"


def as_text(question: Question) -> str:
    """A question in one line, as a person would write it."""
    parts = [typed(question), question.pack, "x" if not question.pack else "", question.item]
    parts += [question.wanted_on.isoformat() if question.wanted_on else question.no_day, question.customer]
    return " ".join(part for part in parts if part)


def typed(question: Question) -> str:
    """Its quantity: as it was typed where that may be read in two ways, for the page to say so."""
    return question.typed if doubt(0, "quantity", question.typed) else plain(question.quantity)


@palette_source("Promise", permission=PERMISSION)
def answer_in_palette(text: str, viewer: Viewer) -> list[Hit]:
    """The answer to "40 x 4711" while it is typed, for the customer whose order is open; opening it shows the whole.

    Words that name several items are answered for each; a day that is none is told.
    """
    at = now()
    here = _here(viewer)
    meant = queries_heard.heard(text, clock.today(), here)
    hits = [_hit(one, viewer, at) for one in meant.questions if one.quantity > 0]
    is_of_page = bool(here.item) and bool(read_quantity(text))  # the quantity alone: it goes before what begins like it
    return [replace(hit, is_exact=is_of_page) for hit in hits if hit is not None]


def _hit(question: Question, viewer: Viewer, at: datetime) -> Hit | None:
    url = f"{reverse('promise_ask')}?{urlencode({'q': as_text(question)})}"
    try:
        allowed = viewer.grants.get(PERMISSION, frozenset())
        found = queries_ask.answered(queries_ask.understand(question, at, site_ids=allowed), at)
    except AskRefused as refused:
        if any(line.field == "item" for line in refused.lines):
            return None
        told = " ".join(f"{line.message} {line.fix}".strip() for line in refused.lines)
        return Hit(f"{typed(question)} x {question.item}:", url, told, "promise")
    who = found.asked.who
    whom = f", for {who.customer}" if who.customer_id else ""
    return Hit(
        f"{found.answer.ask.units:,} x {found.answer.ask.sku}: {_short(found)}", url, f"{who.item}{whom}", "promise"
    )


def _here(viewer: Viewer) -> Here:
    """What the page is about on which the palette was opened, as far as the person may see it."""
    try:
        place = resolve(viewer.page)
    except Resolver404:
        return Here()
    read = HERE.get(place.url_name or "")
    try:
        return read(viewer, place.kwargs) if read else Here()
    except FlowrackError:
        return Here()


def _of_order(viewer: Viewer, of: dict[str, Any]) -> Here:
    head = orders.access_order(of["order_id"], viewer.grants.get("sales.view", frozenset()))
    return Here(customer=head.customer_code)


def _of_line(viewer: Viewer, of: dict[str, Any]) -> Here:
    order_id = orders.order_of_line(of["line_id"])
    here = _of_order(viewer, {"order_id": order_id})
    return Here(here.customer, next((li.sku for li in orders.lines_of(order_id) if li.line_id == of["line_id"]), ""))


def _of_quote(viewer: Viewer, of: dict[str, Any]) -> Here:
    found = queries_quotes.quotes_after(
        of["quote_id"] - 1, viewer.grants.get(PERMISSION, frozenset()), state="", limit=1
    )
    return Here(found[0].customer_code, found[0].sku) if found and found[0].id == of["quote_id"] else Here()


def _of_item(viewer: Viewer, of: dict[str, Any]) -> Here:
    return Here(item=catalog.item(of["item_id"]).sku if viewer.may("catalog.view") else "")


def _of_party(viewer: Viewer, of: dict[str, Any]) -> Here:
    return Here(parties.party_record(of["party_id"]).code if viewer.may("parties.view") else "")


HERE: Mapping[str, Callable[[Viewer, dict[str, Any]], Here]] = {
    "sales_order": _of_order,
    "allocation_instead": _of_line,
    "allocation_why": _of_line,
    "promise_quote": _of_quote,
    "catalog_item": _of_item,
    "parties_party": _of_party,
}


def _short(found: Answered) -> str:
    """The answer in a few words: "all Tue 19 May; 18 on Fri 15 May"."""
    one = found.answer.options[0]
    words = [f"all {reasons.day(one.arrives_on)}"] if one.parts else []
    if (first := reasons.sooner(found.answer)) is not None:
        words.append(f"{first[0]:,} on {reasons.day(first[1])}")
    return "; ".join(words) or "nobody can say when"
