"""Quotes: hold an option for a customer, give it back, let it lapse, or make it the promise of an order line."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from flowrack.ledger import steps as ledger
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import NOT_AS_READ, Context, command
from flowrack.promise import locks, queries, queries_ask, queries_quotes, reasons, rules, states, steps
from flowrack.promise.locks import LockedQuote
from flowrack.promise.queries_ask import Asked
from flowrack.promise.rules import Answer, Option, OptionKind
from flowrack.promise.rules_case import Case
from flowrack.promise.states import QuoteState
from flowrack.promise.types import (
    QUOTE,
    RULE,
    EndQuote,
    ExpireQuotes,
    LineDoesNotFit,
    NoSuchOption,
    PlaceQuote,
    QuoteEnded,
    QuoteEndedEvent,
    QuoteLimit,
    QuoteNotFound,
    QuoteOver,
    QuotePlaced,
    TakeQuote,
)
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, ORDER, OrderNotFound, UnitsChange
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref

EXPIRED_AT_ONCE = 500
PERMISSION = "promise.quote"


@command(permission="promise.quote", result=QuotePlaced, is_small=lambda req: True)
def place_quote(ctx: Context, req: PlaceQuote) -> QuotePlaced:
    """Hold an option for a customer until the time of his tier is over.

    The answer is worked out anew under locks, so that nothing is held twice; what the option takes of free stock is
    committed, what it takes of goods to come is a claim on them. Refuses with AskRefused, NoSuchOption, QuoteLimit.
    """
    asked = queries_ask.understand(
        req.question, ctx.now, site_ids=ctx.grants.get(PERMISSION, frozenset()), needs_customer=True
    )
    ask, customer_id = asked.ask, asked.who.customer_id
    assert customer_id is not None, "a question without a customer was refused"
    items = [ask.item_id, *(sub.item_id for sub in ask.substitutes)]
    alone = queries_ask.is_contended(asked) or ctx.was_beaten or ctx.locks_first
    if alone:
        _option(ctx, req, queries.case_of([ask], ctx.now))  # a plain no waits for nobody
    locks.pairs([(i, s) for i in items for s in ask.site_ids], alone=alone, customer_id=customer_id)
    until = _limit(ctx, asked, customer_id)
    if ctx.locks_first:
        locks.pools(items, ask.site_ids)
    case = queries.case_of([ask], ctx.now)
    case, found, option = _option(ctx, req, case)
    holds = steps.holds_of(case, option)
    if not alone and (any(s.is_contended for s in case.stocks) or not all(h.is_committed for h in holds)):
        _begin_again()
    quote_id, number = steps.insert_quote(
        ctx,
        customer_id=customer_id,
        item_id=ask.item_id,
        units=ask.units,
        wanted_on=ask.wanted_on,
        option=option,
        expires_at=until,
        holds=holds,
    )
    ctx.subject = ref(QUOTE, quote_id)
    sentence = reasons.option_sentence(case, option)
    detail = {"case": case, "option": option.kind, "said": reasons.digest(found), "for": number}
    if req.override.strip():
        detail["override"] = req.override.strip()
    decisions.record(ctx, [DecisionRow("promise", ctx.subject, sentence, RULE, detail)])
    claims = steps.claims_of(quote_id, holds)
    if ctx.locks_first:
        ledger.commit(ctx, claims)
    else:
        ledger.commit_at_last(ctx, claims)
    assert option.ships_on is not None and option.arrives_on is not None, "a possible option has days"
    on_hand = sum(h.units for h in holds if h.is_committed)
    return QuotePlaced(quote_id, number, until, option.ships_on, option.arrives_on, ask.units, on_hand)


def _limit(ctx: Context, asked: Asked, customer_id: int) -> datetime:
    """When a quote of the customer's tier lapses; refuses when he holds as much as he may. He is locked."""
    held = queries_quotes.held_by(customer_id, asked.who.tier, ctx.now)
    limits = held.limits
    if held.quotes >= limits.most_quotes or held.units + asked.ask.units > limits.most_units:
        raise QuoteLimit(
            f"{asked.who.customer} holds {held.units:,} units in {held.quotes} quotes; customers of tier "
            f"{asked.who.tier} may hold {limits.most_units:,} units in {limits.most_quotes} quotes at a time.",
            fix="Release a quote that is not needed, or enter the order.",
        )
    return ctx.now + timedelta(minutes=limits.minutes)


def _option(ctx: Context, req: PlaceQuote, case: Case) -> tuple[Case, Answer, Option]:
    """The answer under the locks and the option that was chosen, with the case that they follow from."""
    if req.option not in list(OptionKind):
        raise Invalid(f"“{req.option}” is no option.", fix="Use one_day, split or substitute.")
    ask = case.asks[0]
    if req.override.strip():
        for site_id in ask.site_ids:
            ctx.require("promise.override", site_id)
        case = replace(case, sites=tuple(replace(s, house=replace(s.house, hands=())) for s in case.sites))
    found = rules.answer(case, ask)
    option = found.option(OptionKind(req.option))
    if option is None:
        why = next(o for o in found.options if o.kind == req.option)
        raise NoSuchOption(reasons.not_possible(ask, why), fix="Ask again and choose another option.")
    if option.needs_consent:
        raise NoSuchOption("The customer has not agreed to substitutes.", fix="Ask him, and note it in his terms.")
    return case, found, option


def _begin_again() -> None:
    """The pair is needed for this command alone after all: the door begins anew, and tells the next try so."""
    sql.execute(f"DO $$ BEGIN RAISE EXCEPTION 'free stock alone does not do' USING ERRCODE = '{NOT_AS_READ}'; END $$")


@command(permission="promise.quote", result=QuoteEnded, is_small=lambda req: True)
def release_quote(ctx: Context, req: EndQuote) -> QuoteEnded:
    """Give the units of a quote back. Emits promise.quote_ended; refuses with QuoteOver."""
    held = _locked(ctx, req.quote_id)
    state = states.advance(QuoteState(held.state), "release")
    units = steps.end_quotes(ctx, [held], locks.parts([held.quote_id]), state, reason=req.reason)
    ctx.subject = ref(QUOTE, held.quote_id)
    ctx.emit(QuoteEndedEvent([held.quote_id], state))
    return QuoteEnded([held.quote_id], units)


def _locked(ctx: Context, quote_id: int) -> LockedQuote:
    held = locks.quote(quote_id)
    if held is None:
        raise QuoteNotFound("There is no such quote.", fix="Look at the list of quotes.")
    for part in locks.parts([quote_id]):
        ctx.require(PERMISSION, part.site_id)
    return held


@command(permission="promise.apply", result=QuoteEnded)
def expire_quotes(ctx: Context, req: ExpireQuotes) -> QuoteEnded:
    """End the quotes whose time is over; their units are free. Emits promise.quote_ended."""
    over = locks.expired(ctx.now, limit=EXPIRED_AT_ONCE)
    if not over:
        return QuoteEnded([], 0)
    ids = [held.quote_id for held in over]
    units = steps.end_quotes(ctx, over, locks.parts(ids), QuoteState.EXPIRED, reason="its time was over")
    ctx.about(QUOTE, ids)
    ctx.emit(QuoteEndedEvent(ids, QuoteState.EXPIRED))
    return QuoteEnded(ids, units)


@command(permission="promise.quote", result=QuoteEnded, is_small=lambda req: True)
def take_quote(ctx: Context, req: TakeQuote) -> QuoteEnded:
    """The quote becomes the promise of an order line: what it holds of stock is the line's, in one transaction.

    Nobody can come in between, for the pools stay locked. What the line does not need is free. Emits
    promise.quote_ended. Refuses with QuoteOver, and LineDoesNotFit for another item, customer or site.
    """
    held = _locked(ctx, req.quote_id)
    state = states.advance(QuoteState(held.state), "take")
    if held.expires_at <= ctx.now:
        raise QuoteOver("The time of this quote is over.", fix="Ask again: the answer may be another one by now.")
    parts = locks.parts([held.quote_id])
    line = queries_quotes.line_of(req.line_id)
    lines = sales.claim_lines([req.line_id])
    if line is None or not lines:
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    ctx.require(PERMISSION, line.site_id)
    _check_fit(held, line)
    wanted = lines[req.line_id][1].waiting
    units = steps.end_quotes(ctx, [held], parts, state, reason="", line_id=req.line_id)
    given = []
    for part in parts:
        take = min(part.units, wanted) if part.is_committed and part.item_id == line.item_id else 0
        if take and part.site_id == line.site_id:
            wanted -= take
            given.append(replace(steps.claims_of(held.quote_id, [part])[0], units=take, ref=ref(LINE, req.line_id)))
    ledger.commit(ctx, given)
    total = sum(claim.units for claim in given)
    if total:
        sales.apply_units([UnitsChange(req.line_id, allocated=total)])
        sentence = f"{total} reserved: held by quote {held.number}."
        decisions.record(
            ctx, [DecisionRow("allocation", ref(LINE, req.line_id), sentence, RULE, {"quote": held.number})]
        )
    ctx.about(QUOTE, [held.quote_id])
    ctx.about(ORDER, [line.order_id])
    ctx.emit(QuoteEndedEvent([held.quote_id], state))
    return QuoteEnded([held.quote_id], units)


def _check_fit(held: LockedQuote, line: queries_quotes.LineOfQuote) -> None:
    if line.customer_id != held.customer_id:
        raise LineDoesNotFit("The order is another customer's.", fix="Take the quote for its own customer.")
    if line.item_id != held.item_id:
        raise LineDoesNotFit("The line wants another item.", fix="Choose the line with the item of the quote.")
    if line.is_held:
        raise LineDoesNotFit("The line is on hold.", fix="Have the hold released first.")
