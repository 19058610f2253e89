"""Promises for other systems: answers, availability, quotes, promises of lines."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from flowrack.locations import queries as places
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import answers, caller_of, context_from, now, requires
from flowrack.promise import (
    api_questions,
    api_setup,
    api_sites,
    commands,
    commands_lines,
    commands_orders,
    queries_ask,
    queries_freight,
    queries_heard,
    queries_lines,
    queries_pages,
    queries_quotes,
)
from flowrack.promise.api_shapes import (
    AnswerOut,
    AvailabilityIn,
    AvailabilityOut,
    LinePromiseOut,
    LinesPromisedOut,
    MovesIn,
    OrderQuoteIn,
    QuestionIn,
    QuoteEndedOut,
    QuoteExtendedOut,
    QuoteIn,
    QuoteOrderedOut,
    QuoteOut,
    QuotePlacedOut,
    ReasonIn,
    TakeIn,
    TextIn,
    answer_out,
)
from flowrack.promise.types import (
    AskRefused,
    EndQuote,
    ExtendQuote,
    LinesPromised,
    MovePromise,
    MovePromises,
    OrderQuote,
    PlaceQuote,
    Question,
    QuoteEnded,
    QuoteExtended,
    QuoteOrdered,
    QuotePlaced,
    TakeQuote,
)
from flowrack.shared.errors import BadLine, NotFound

router = Router(tags=["promise"])
router.add_router("", api_setup.router)
router.add_router("", api_questions.router)
router.add_router("", api_sites.router)
UNKNOWN_SITE = -1


def _site(code: str) -> int:
    """The site that is named; 0 when none is."""
    return {site.code: site.site_id for site in places.sites()}.get(code, UNKNOWN_SITE) if code else 0


def _question(body: QuestionIn) -> Question:
    return Question(body.customer, body.item, body.quantity, body.pack, body.wanted_on, _site(body.site))


def _sites(request: HttpRequest, permission: str) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites(permission) if caller else frozenset()


@router.post("/promises/ask", response=AnswerOut)
@requires("promise.view")
@answers
def ask(request: HttpRequest, body: QuestionIn) -> dict[str, Any]:
    """When can a customer have so many? Up to three options, with what binds each. Nothing is written."""
    at = now()
    asked = queries_ask.understand(_question(body), at, site_ids=_sites(request, "promise.view"))
    found = queries_ask.answered(asked, at)
    if not body.with_freight:
        return answer_out(found)
    context_from(request, "read").require(queries_freight.SEES)
    freights = queries_freight.freights(found)
    return answer_out(found) | {"freight": {kind: asdict(one) for kind, one in freights.items()}}


@router.post("/promises/ask-text", response=AnswerOut)
@requires("promise.view")
@answers
def ask_text(request: HttpRequest, body: TextIn) -> dict[str, Any]:
    """The same in one line of one's own words: "40 x 4711 fri acme"."""
    at, allowed = now(), _sites(request, "promise.view")
    found = queries_heard.heard(body.text, queries_ask.today_at(allowed, at))
    if len(found.questions) != 1:
        fault = BadLine(0, "text", "This is no question.", "Write a quantity and an item: 40 x 4711 fri acme.")
        if found.questions:
            meant = ", ".join(f"{one.item} ({name})" for one, name in zip(found.questions, found.names, strict=True))
            fault = BadLine(0, "item", f"Several items are meant: {meant}.", "Name one of them by its SKU.")
        raise AskRefused("This cannot be answered: one thing to mend.", lines=[fault])
    asked = queries_ask.understand(found.questions[0], at, site_ids=allowed)
    return answer_out(queries_ask.answered(asked, at))


@router.post("/promises/availability", response=AvailabilityOut)
@requires("promise.view")
@answers
def availability(request: HttpRequest, body: AvailabilityIn) -> dict[str, Any]:
    """Free units of up to 1,000 items over time, in one call."""
    site_id = _site(body.site)
    found = queries_pages.availability(body.items, site_id, _sites(request, "promise.view"), now())
    known = {row["sku"] for row in found}
    return {"rows": found, "unknown": sorted({code for code in body.items if code not in known})}


@router.get("/promises/quotes", response=PageOut[QuoteOut])
@requires("promise.view")
def quotes(
    request: HttpRequest, response: HttpResponse, state: str = "open", cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Quotes at the caller's sites, in order of id; `state` empty = all."""
    rows = queries_quotes.quotes_after(after_id(cursor), _sites(request, "promise.view"), state=state, limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/promises/quotes", response={201: QuotePlacedOut})
@requires("promise.quote")
def place_quote(request: HttpRequest, body: QuoteIn) -> Status[QuotePlaced]:
    """Hold an option for a customer until his time is over. Send `Idempotency-Key`; a retry gets the first answer."""
    req = PlaceQuote(_question(body), body.option, body.override)
    return Status(201, commands.place_quote(context_from(request), req))


@router.post("/promises/quotes/{int:quote_id}/release", response=QuoteEndedOut)
@requires("promise.quote")
def release_quote(request: HttpRequest, quote_id: BigId, body: ReasonIn) -> QuoteEnded:
    """Give the units of a quote back."""
    return commands.release_quote(context_from(request), EndQuote(quote_id, body.reason))


@router.post("/promises/quotes/{int:quote_id}/extend", response=QuoteExtendedOut)
@requires("promise.quote")
def extend_quote(request: HttpRequest, quote_id: BigId) -> QuoteExtended:
    """Hold a quote longer, as often as the limits of the customer's tier allow."""
    return commands.extend_quote(context_from(request), ExtendQuote(quote_id))


@router.post("/promises/quotes/{int:quote_id}/take", response=QuoteEndedOut)
@requires("promise.quote")
def take_quote(request: HttpRequest, quote_id: BigId, body: TakeIn) -> QuoteEnded:
    """The quote becomes the promise of an order line; where a day cannot be kept any more, as `order` says it."""
    return commands_orders.take_quote(context_from(request), TakeQuote(quote_id, body.line_id, body.new_day))


@router.post("/promises/quotes/{int:quote_id}/order", response={201: QuoteOrderedOut})
@requires("promise.quote")
def order_quote(request: HttpRequest, quote_id: BigId, body: OrderQuoteIn) -> Status[QuoteOrdered]:
    """Enter the orders for what a quote holds, one for each site, and give them its units: all, or nothing happens.

    Needs `sales.enter` at the sites too. Where a day cannot be kept any more it is refused with `quote_changed`, which
    names the new one; sent again with that as `new_day` it is done. Send `Idempotency-Key`; a retry gets the first
    answer.
    """
    req = OrderQuote(quote_id, body.reference, body.new_day)
    return Status(201, commands_orders.order_quote(context_from(request), req))


@router.get("/promises/lines/{int:line_id}", response=LinePromiseOut)
@requires("promise.view")
def line(request: HttpRequest, line_id: BigId) -> Any:
    """What an order line is promised, first and latest, and why."""
    found = queries_lines.promise_of([line_id])
    sites = _sites(request, "promise.view")
    if not found or not (0 in sites or found[0].site_id in sites):
        raise NotFound("There is no such order line.", fix="Open the order again.")
    return found[0]


@router.post("/promises/move", response=LinesPromisedOut)
@requires("promise.move")
def move(request: HttpRequest, body: MovesIn) -> LinesPromised:
    """Tell customers other days: the latest promise moves, a letter is drafted."""
    lines = [MovePromise(one.line_id, one.ships_on) for one in body.lines]
    return commands_lines.move_promises(context_from(request), MovePromises(lines, body.reason))
