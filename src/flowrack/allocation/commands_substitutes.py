"""The door of substitutes: what customers say of them, accept an offer, do what was agreed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.allocation import locks_substitutes as locks
from flowrack.allocation import queries_substitutes as queries
from flowrack.allocation import steps_overriding as overriding
from flowrack.allocation import steps_substitutes as steps
from flowrack.allocation.queries_overrides import approver_of
from flowrack.allocation.queries_substitutes import Proposed, ShortLine
from flowrack.allocation.rules_substitutes import Offer, Portion
from flowrack.allocation.states_displacement import PriorityState
from flowrack.allocation.types_substitutes import (
    SUBSTITUTION,
    AcceptOffer,
    ApplySubstitution,
    BadConsent,
    BadOffer,
    ConsentSet,
    NoOffer,
    OfferAccepted,
    OfferChanged,
    SetConsent,
    SubstitutesAsked,
    SubstitutionApplied,
)
from flowrack.approvals import steps as approvals
from flowrack.approvals.queries import business_days, standing
from flowrack.catalog import queries as catalog
from flowrack.parties import queries as parties
from flowrack.platform import sql
from flowrack.platform.runner import Context, command, refuse_on
from flowrack.sales import queries as orders
from flowrack.sales import steps as sales
from flowrack.sales.states import OrderState, advance
from flowrack.sales.types import ORDER, OrderNotFound
from flowrack.shared.errors import BadLine, Busy, NotFound
from flowrack.shared.refs import ref

refuse_on(
    "consent_one_in_force",
    lambda: Busy("Somebody else wrote down what this customer says just now.", fix="Look at it again."),
)


@command(permission="allocation.consent", result=ConsentSet)
def set_consent(ctx: Context, req: SetConsent) -> ConsentSet:
    """Write down whether a customer takes one item instead of another; what he said before ends.

    Refuses with BadConsent.
    """
    ids = catalog.item_ids([req.sku, req.substitute])
    customer = parties.find_by_code([req.customer]).get(req.customer)
    bad = [
        BadLine(0, name, f"There is no item “{sku}”.", "Check the SKU.")
        for name, sku in (("sku", req.sku), ("substitute", req.substitute))
        if sku not in ids
    ]
    if customer is None or not customer.is_customer:
        bad.append(BadLine(0, "customer", f"There is no customer “{req.customer}”.", "Check the code."))
    if not req.reason.strip():
        bad.append(BadLine(0, "reason", "Say who agreed, and when.", "For example: Ms Lee by phone, 2 March."))
    if req.sku == req.substitute:
        bad.append(BadLine(0, "substitute", "An item cannot replace itself.", "Name another item."))
    if bad or customer is None:
        raise BadConsent(bad[0].message, lines=bad, fix=bad[0].fix)
    key = (customer.party_id, ids[req.sku], ids[req.substitute])
    before = locks.consent_of(*key)
    if before:
        sql.execute("UPDATE allocation_substituteconsent SET ended_at = %s WHERE id = %s", (ctx.now, before))
    ctx.subject = ref("parties.party", customer.party_id)
    if req.takes is None:
        return ConsentSet(0)
    made = sql.fetch_value(
        """
        INSERT INTO allocation_substituteconsent
               (customer_id, item_id, replaces_with_id, takes, reason, set_by_id, set_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        (*key, req.takes, req.reason.strip()[:200], ctx.actor_id, ctx.now),
    )
    return ConsentSet(int(made))


@command(permission="allocation.substitute", result=OfferAccepted)
def accept_offer(ctx: Context, req: AcceptOffer) -> OfferAccepted:
    """Accept an offer for a short line: substitutes become reserved lines of the order that name the original.

    What somebody must agree to (offer B) is asked. Emits allocation.substituted, allocation.substitutes_asked. Refuses
    with BadOffer, NoOffer, OfferChanged, OrderNotFound, WrongState.
    """
    sales.claim_lines([req.line_id])
    line, today = _line(ctx, req.line_id)
    steps.hold_all(line, queries.propose(line, today, ctx.now))
    proposed = queries.propose(line, today, ctx.now)
    offer = _offer(req, proposed)
    at_once = [portion for portion in offer.portions if not portion.asks]
    asked = [portion for portion in offer.portions if portion.asks]
    if asked and not req.reason.strip():
        raise BadOffer("Somebody must agree to this: say why it should be sent.", fix="Write a reason.")
    if asked and queries.waiting_request(req.line_id):
        raise Busy("A substitute of this line waits for consent already.", fix="Look at the order's requests.")
    approval, pending = "", 0
    if asked:
        request_id, number = steps.insert(ctx, proposed, asked, req.reason.strip())
        question = steps.submission(ctx, request_id, number, proposed, asked, req.reason.strip())
        [outcome] = approvals.submit(ctx, [question])
        approval = outcome.number
        if outcome.is_approved:
            steps.end(ctx, request_id, PriorityState.GRANTED)
            at_once += asked
        else:
            pending = sum(portion.replaces for portion in asked)
            ctx.emit(SubstitutesAsked(request_id, line.order_id, req.line_id, pending))
    seen = overriding.outlook(ctx, line.site_id, _items(proposed, at_once))
    made = steps.write(ctx, proposed, at_once)
    overriding.substituted(ctx, proposed, at_once, made, req.reason.strip(), seen)
    ctx.about(ORDER, [line.order_id])
    reserved = sum(units for _, units in proposed.offers.own)
    replaced = sum(portion.replaces for portion in at_once)
    return OfferAccepted(line.order_id, made, reserved, replaced, pending, approval)


def _items(proposed: Proposed, portions: Sequence[Portion]) -> list[int]:
    return [proposed.line.need.item_id, *(portion.edge.item_id for portion in portions)]


def _line(ctx: Context, line_id: int) -> tuple[ShortLine, date]:
    sites = orders.sites_of([orders.order_of_line(line_id)])
    if len(sites) != 1 or not ctx.may("allocation.substitute", sites[0]):
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    today = business_days(sites, now=ctx.now)[sites[0]]
    line = queries.short_line(line_id, today)
    assert line is not None, "its order was found"
    advance(OrderState(line.state), "change")
    if line.is_held:
        raise BadOffer(f"Line {line.line_no} of {line.number} is on hold.", fix="Have the hold released first.")
    return line, today


def _offer(req: AcceptOffer, proposed: Proposed) -> Offer:
    """The offer that is meant, if it is still what was seen."""
    if req.offer not in ("A", "B"):
        raise BadOffer(f"There is no offer “{req.offer}”.", fix="Choose A or B.")
    found = proposed.offers
    offer = found.a if req.offer == "A" else found.b
    if offer is None or not offer.portions:
        lines = [BadLine(0, r.sku, f"{r.sku} {r.lot}: {r.why}", "") for r in found.rejected]
        raise NoOffer("Nothing can be sent instead.", lines=lines, fix="Send a part, or wait for the next delivery.")
    now = {portion.edge.item_id: portion.units for portion in offer.portions}
    if now != {one.item_id: one.units for one in req.seen}:
        told = steps.sent(offer.portions)
        raise OfferChanged(f"The offer is {told} by now.", fix="Look at it again.")
    return offer


@command(permission="allocation.apply", result=SubstitutionApplied)
def apply_substitution(ctx: Context, req: ApplySubstitution) -> SubstitutionApplied:
    """Send what was agreed to, as far as it is still there and wanted; a rejected request ends.

    Emits allocation.substituted.
    """
    row = queries.request_row(req.request_id)
    if row is None:
        raise NotFound(f"There is no request with id {req.request_id}.")
    sales.claim_lines([row.line_id])
    today = business_days([row.site_id], now=ctx.now)[row.site_id]
    line = queries.short_line(row.line_id, today)
    assert line is not None, "a request names its line"
    wanted = dict(queries.portions_of(req.request_id))
    steps.hold_all(line, queries.propose(line, today, ctx.now, agreed=wanted))
    found = locks.request_of(req.request_id)
    ctx.about(SUBSTITUTION, [req.request_id])
    ctx.about(ORDER, [line.order_id])
    if found is None or found[0] != PriorityState.WAITING:
        return SubstitutionApplied(req.request_id, found[0] if found else "", 0)
    subject = ref(SUBSTITUTION, req.request_id)
    verdict = standing([subject], SUBSTITUTION)[subject]
    if req.state != "approved" or verdict.content_hash != req.content_hash:
        steps.end(ctx, req.request_id, PriorityState.REJECTED, verdict.last_reason)
        return SubstitutionApplied(req.request_id, str(PriorityState.REJECTED), 0)
    is_open = line.state in ("confirmed", "released") and not line.is_held
    proposed = queries.propose(line, today, ctx.now, agreed=wanted)
    portions = list(proposed.offers.a.portions) if is_open else []
    if portions:
        seen = overriding.outlook(ctx, line.site_id, _items(proposed, portions))
        made = steps.write(ctx, proposed, portions, by=verdict.last_by)
        approver = approver_of(SUBSTITUTION, subject)
        asked = queries.asked_by(req.request_id)
        overriding.substituted(ctx, proposed, portions, made, row.reason, seen, asked, approver)
    replaced = sum(portion.replaces for portion in portions)
    full = {portion.edge.item_id: portion.units for portion in portions} == wanted
    said = "" if full else f"{steps.sent(portions) or 'Nothing'} of what was agreed is still there and wanted."
    state = PriorityState.GRANTED if portions else PriorityState.VOIDED
    steps.end(ctx, req.request_id, state, said)
    return SubstitutionApplied(req.request_id, str(state), replaced)
