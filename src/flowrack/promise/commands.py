"""Quotes: hold an option for a customer, give it back, or let it lapse."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NoReturn

from flowrack.allocation import locks as allocation
from flowrack.allocation import queries_overrides, steps_overrides
from flowrack.allocation.steps_overrides import Decided
from flowrack.allocation.types_overrides import OverrideKind
from flowrack.ledger import steps as ledger
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import NOT_AS_READ, Context, command
from flowrack.promise import locks, queries, queries_ask, queries_quotes, reasons, rules, states, steps, steps_kept
from flowrack.promise.queries_ask import Asked
from flowrack.promise.queries_quotes import Held
from flowrack.promise.rules_case import Case
from flowrack.promise.rules_house import overload
from flowrack.promise.rules_options import Answer, Option, OptionKind
from flowrack.promise.states import QuoteState
from flowrack.promise.types import (
    QUOTE,
    RULE,
    EndQuote,
    ExpireQuotes,
    ExtendQuote,
    NoSuchOption,
    PlaceQuote,
    QuoteEnded,
    QuoteEndedEvent,
    QuoteExtended,
    QuoteLimit,
    QuoteOver,
    QuotePlaced,
    QuotesWatched,
    WatchQuotes,
)
from flowrack.shared.errors import Invalid
from flowrack.shared.money import to_money
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
    alone = queries_ask.needs_more_than_stock(asked) or ctx.was_beaten or ctx.locks_first
    if alone:
        _option(ctx, req, queries.case_of([ask], ctx.now))  # a plain no waits for nobody
    held, case = _under_locks(ctx, asked, customer_id, alone=alone)
    until = _limit(ctx, asked, held)
    with_hands = case
    case, found, option = _option(ctx, req, case)
    holds = steps.holds_of(case, option)
    left = [] if alone else steps.left_by(case, holds)
    if left is None:
        _begin_again()
    quote_id = held.next_id
    number = steps.insert_quote(
        ctx,
        quote_id,
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
        _override(ctx, req, with_hands, option, number)
    decisions.record(ctx, [DecisionRow("promise", ctx.subject, sentence, RULE, detail)])
    claims = steps.claims_of(quote_id, holds)
    if ctx.locks_first:
        ledger.commit(ctx, claims)
    else:
        ledger.commit_at_last(ctx, claims, leaving=left)
    assert option.ships_on is not None and option.arrives_on is not None, "a possible option has days"
    on_hand = sum(h.units for h in holds if h.is_committed)
    return QuotePlaced(quote_id, number, until, option.ships_on, option.arrives_on, ask.units, on_hand)


def _override(ctx: Context, req: PlaceQuote, case: Case, option: Option, number: str) -> None:
    """Write down that days were promised that are full: one override for each site where that is so."""
    for site_id in sorted({part.site_id for part in option.parts}):
        site = case.site(site_id)
        here = [part for part in option.parts if part.site_id == site_id]
        full = [
            found
            for part in here
            if (found := overload(site.house, part.ships_on, site.house.policy.seconds_for(part.units),
                                  today=site.now.date()))
        ]  # fmt: skip
        if full:
            stake = sum((queries_overrides.list_price(part.item_id) * part.units for part in here), Decimal(0))
            said = f"By {RULE} {number} leaves another day: {reasons.alert(full[0])}"
            one = Decided(OverrideKind.CAPACITY, site_id, RULE, 0, said, req.override, [], stake=to_money(stake))
            steps_overrides.record(ctx, one)


def _under_locks(ctx: Context, asked: Asked, customer_id: int, *, alone: bool) -> tuple[Held, Case]:
    """What the customer holds and the case, both under the locks. One message."""
    ask = asked.ask
    items = [ask.item_id, *(sub.item_id for sub in ask.substitutes)]
    pairs = [(item_id, site_id) for item_id in items for site_id in ask.site_ids]
    first = [
        locks.pairs(pairs, alone=alone, customer_id=customer_id),
        *([allocation.ask_own_promised_days(pairs)] if alone else []),
        *([locks.pools(items, ask.site_ids)] if ctx.locks_first else []),
        queries_quotes.held_by(customer_id, asked.who.tier, ctx.now),
    ]
    case, rows = queries.case_after(first, [ask], ctx.now)
    return queries_quotes.held(rows[-1], asked.who.tier), case


def _limit(ctx: Context, asked: Asked, held: Held) -> datetime:
    """When a quote of the customer's tier lapses; refuses when he holds as much as he may. He is locked."""
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


def _begin_again() -> NoReturn:
    """The pair is needed for this command alone after all: the door begins anew, and tells the next try so."""
    sql.execute(f"DO $$ BEGIN RAISE EXCEPTION 'free stock alone does not do' USING ERRCODE = '{NOT_AS_READ}'; END $$")
    raise AssertionError("the statement fails")


@command(permission="promise.quote", result=QuoteExtended, is_small=lambda req: True)
def extend_quote(ctx: Context, req: ExtendQuote) -> QuoteExtended:
    """Hold a quote longer: for the minutes of the customer's tier from now on, as often as its limits allow.

    Refuses with QuoteOver, also when only its time is over, and with QuoteLimit.
    """
    held, _ = steps.locked(ctx, req.quote_id, PERMISSION)
    states.advance(QuoteState(held.state), "take")
    if held.expires_at <= ctx.now:
        raise QuoteOver("The time of this quote is over.", fix="Ask again: the answer may be another one by now.")
    longer = queries_quotes.longer(held.quote_id)
    if not longer.left:
        often = {0: "not be extended", 1: "be extended once"}.get(
            longer.limits.extensions, f"be extended {longer.limits.extensions} times"
        )
        raise QuoteLimit(
            f"A quote of a customer of tier {longer.tier} may {often}.", fix="Enter the order, or let the quote lapse."
        )
    until = max(held.expires_at, ctx.now + timedelta(minutes=longer.limits.minutes))
    sql.execute(
        "UPDATE promise_quote SET expires_at = %s, extended = extended + 1 WHERE id = %s", (until, held.quote_id)
    )
    ctx.subject = ref(QUOTE, held.quote_id)
    return QuoteExtended(held.quote_id, held.number, until, longer.left - 1)


@command(permission="promise.quote", result=QuoteEnded, is_small=lambda req: True)
def release_quote(ctx: Context, req: EndQuote) -> QuoteEnded:
    """Give the units of a quote back. Emits promise.quote_ended; refuses with QuoteOver."""
    held, parts = steps.locked(ctx, req.quote_id, PERMISSION)
    state = states.advance(QuoteState(held.state), "release")
    units = steps.end_quotes(ctx, [held], parts, state, reason=req.reason)
    ctx.subject = ref(QUOTE, held.quote_id)
    ctx.emit(QuoteEndedEvent([held.quote_id], state, steps.freed_by(parts)))
    return QuoteEnded([held.quote_id], units)


@command(permission="promise.apply", result=QuoteEnded)
def expire_quotes(ctx: Context, req: ExpireQuotes) -> QuoteEnded:
    """End the quotes whose time is over; their units are free. Emits promise.quote_ended."""
    over = locks.expired(ctx.now, limit=EXPIRED_AT_ONCE)
    if not over:
        return QuoteEnded([], 0)
    ids = [held.quote_id for held in over]
    parts = locks.parts(ids)
    units = steps.end_quotes(ctx, over, parts, QuoteState.EXPIRED, reason="its time was over")
    ctx.about(QUOTE, ids)
    ctx.emit(QuoteEndedEvent(ids, QuoteState.EXPIRED, steps.freed_by(parts)))
    return QuoteEnded(ids, units)


@command(permission="promise.apply", result=QuotesWatched)
def watch_quotes(ctx: Context, req: WatchQuotes) -> QuotesWatched:
    """Supply moved: write down which open quotes cannot be kept any more, and which can again.

    Emits promise.quotes_at_risk, once for each quote.
    """
    done = steps_kept.look(ctx, req.quote_ids, req.cause)
    ctx.about(QUOTE, sorted([*done.at_risk, *done.fine]))
    return done
