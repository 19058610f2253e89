"""The door of carriers: rate cards by version, routing guides, the price of lateness."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from flowrack.carriers import imports, locks, queries, rules_cards, states, steps
from flowrack.carriers.locks import LockedCard
from flowrack.carriers.rules_choice import GuideRule
from flowrack.carriers.states import CardState
from flowrack.carriers.types import (
    ApproveRateCard,
    BadGuide,
    BadLateCosts,
    BadRateCard,
    CardOf,
    CopyRateCard,
    DraftStands,
    DropRateCard,
    GuideLineOf,
    LateCostsSet,
    RateCardApproved,
    RateCardSaved,
    RoutingGuideSet,
    SetLateCosts,
    SetRoutingGuide,
    WithdrawRateCard,
    WriteRateCard,
)
from flowrack.parties import queries as parties
from flowrack.platform.importing import ImportFile, ImportReport, load
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref

CARD, PARTY = "carriers.rate_card", "parties.party"
YEARS = timedelta(days=3_660)
MOST_CHANGE = 900


@command(permission="carriers.rates", result=RateCardSaved)
def write_rate_card(ctx: Context, req: WriteRateCard) -> RateCardSaved:
    """Write a carrier's rate card as a new draft, or the draft that there is. It prices nothing until it is approved.

    Refuses with BadRateCard, naming every bad line, UnknownParty, or DraftStands where only a new one is asked for.
    """
    carrier = parties.by_code([req.carrier], part="carrier")[req.carrier]
    return _write(ctx, carrier.party_id, req.card, is_new=req.is_new)


@command(permission="carriers.rates", result=RateCardSaved)
def copy_rate_card(ctx: Context, req: CopyRateCard) -> RateCardSaved:
    """Begin a draft with what a version says, its amounts changed by a percentage.

    Refuses with CardNotFound, BadRateCard, Invalid, or DraftStands where the carrier has a draft.
    """
    if not -100 < req.change_pct <= MOST_CHANGE:
        raise Invalid("A change is above -100 % and not above 900 %.", fix="Write 4.9 for 4.9 % more.")
    known = queries.card_row(req.card_id)
    card = rules_cards.with_change(queries.card(req.card_id), req.valid_from, req.change_pct)
    return _write(ctx, known.carrier_id, card, is_new=True)


def _write(ctx: Context, carrier_id: int, card: CardOf, *, is_new: bool = False) -> RateCardSaved:
    services, sites = queries.services_of(carrier_id), queries.sites_by_code()
    bad = rules_cards.check_card(card, services, sites)
    if not date(2000, 1, 1) <= card.valid_from <= ctx.now.date() + YEARS:
        bad.append(BadLine(0, "valid_from", "A day that makes no sense.", "Use a day of this or a coming year."))
    if bad:
        raise BadRateCard(bad[0].message, lines=bad, fix=bad[0].fix)
    known = locks.cards_of(carrier_id)
    draft = next((one for one in known.values() if one.state == CardState.DRAFT), None)
    if draft is None:
        version = 1 + max((one.version for one in known.values()), default=0)
        card_id = steps.new_draft(ctx, carrier_id, version, card)
    elif is_new:
        raise DraftStands(
            f"Version {draft.version} is a draft already.", fix="Open it in the list of rate cards; change or drop it."
        )
    else:
        version, card_id = draft.version, draft.card_id
        steps.rewrite_draft(ctx, card_id, card)
    steps.fill(card_id, card, services, sites)
    ctx.subject = ref(CARD, card_id)
    return RateCardSaved(card_id, carrier_id, version, CardState.DRAFT)


@command(permission="carriers.approve_rates", result=RateCardSaved)
def approve_rate_card(ctx: Context, req: ApproveRateCard) -> RateCardSaved:
    """Let a draft price goods from its day on, until a later version does. Emits carriers.rate_card_approved.

    Refuses with CardNotDraft, with DutiesConflict (S28) whoever wrote it, and with BadRateCard, naming all that lacks.
    """
    card = _locked(req.card_id)
    state = states.advance(card.state, "approve")
    said = "You wrote at this version; somebody else approves it."
    for writer_id in {card.written_by_id, *card.writers}:
        ctx.require_other_person(writer_id, rule="S28", sentence=said)
    content = queries.card(card.card_id)
    known = queries.services_of(card.carrier_id), queries.sites_by_code()
    bad = rules_cards.check_card(content, *known) + rules_cards.gaps(content)
    if bad:
        raise BadRateCard(bad[0].message, lines=bad, fix=bad[0].fix)
    steps.approve(ctx, card.card_id)
    ctx.emit(RateCardApproved(card.card_id, card.carrier_id, card.version, card.valid_from))
    return _told(ctx, card, state)


@command(permission="carriers.rates", result=RateCardSaved)
def drop_rate_card(ctx: Context, req: DropRateCard) -> RateCardSaved:
    """Drop a draft that is not wanted. Refuses with CardNotDraft."""
    card = _locked(req.card_id)
    state = states.advance(card.state, "drop")
    steps.end(card.card_id, state, "", ctx.now)
    return _told(ctx, card, state)


@command(permission="carriers.approve_rates", result=RateCardSaved)
def withdraw_rate_card(ctx: Context, req: WithdrawRateCard) -> RateCardSaved:
    """Let an approved version price no more; the one before it counts again. Refuses with CardNotDraft, Invalid."""
    if not req.reason.strip():
        raise Invalid("Nobody says why it is withdrawn.", fix="Give a reason.")
    card = _locked(req.card_id)
    state = states.advance(card.state, "withdraw")
    steps.end(card.card_id, state, req.reason.strip()[:200], ctx.now)
    return _told(ctx, card, state)


def _locked(card_id: int) -> LockedCard:
    return locks.cards_of(queries.card_row(card_id).carrier_id)[card_id]


def _told(ctx: Context, card: LockedCard, state: CardState) -> RateCardSaved:
    ctx.subject = ref(CARD, card.card_id)
    return RateCardSaved(card.card_id, card.carrier_id, card.version, state)


@command(permission="carriers.rates", result=ImportReport)
def import_rates(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring the weight breaks of drafts in line with a file."""
    steps.name_writer(ctx)
    locks.drafts()  # an approval waits, or has ended before the draft is looked up
    return load(imports.RATES, req)


@command(permission="carriers.rates", result=ImportReport)
def import_places(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring the places of the zones of drafts in line with a file."""
    steps.name_writer(ctx)
    locks.drafts()
    return load(imports.LANES, req)


@command(permission="carriers.setup", result=RoutingGuideSet)
def set_routing_guide(ctx: Context, req: SetRoutingGuide) -> RoutingGuideSet:
    """Say which services a customer allows, requires or bars, and his accounts. Refuses with BadGuide by line."""
    customer = parties.by_code([req.customer], part="customer")[req.customer]
    known = queries.services_by_codes([line.carrier for line in req.lines])
    bad: list[BadLine] = []
    found: list[tuple[int, GuideLineOf]] = []
    for n, line in enumerate(req.lines, 1):
        service_id = known.get((line.carrier, line.service), 0)
        if not service_id:
            bad.append(BadLine(n, "service", f"There is no service {line.carrier} {line.service}.", "Check the codes."))
        if line.rule not in list(GuideRule):
            bad.append(BadLine(n, "rule", f"“{line.rule}” is no rule.", "Use allowed, required or barred."))
        elif line.rule == GuideRule.BARRED and line.account.strip():
            bad.append(BadLine(n, "account", "A barred service needs no account.", "Take one of the two out."))
        if service_id and service_id in {one for one, _ in found}:
            bad.append(BadLine(n, "service", f"{line.carrier} {line.service} stands twice.", "Keep one of the two."))
        found.append((service_id, line))
    if bad:
        raise BadGuide(bad[0].message, lines=bad, fix=bad[0].fix)
    steps.set_guide(customer.party_id, found)
    ctx.subject = ref(PARTY, customer.party_id)
    return RoutingGuideSet(customer.party_id, len(found))


@command(permission="carriers.setup", result=LateCostsSet)
def set_late_costs(ctx: Context, req: SetLateCosts) -> LateCostsSet:
    """Say what a day of lateness counts against freight, for customers of each tier. Refuses with BadLateCosts."""
    amounts = {"A": req.a, "B": req.b, "C": req.c}
    bad = [
        BadLine(0, tier.lower(), f"No amount for tier {tier}.", "Use 0 to 100,000.")
        for tier, amount in amounts.items()
        if not Decimal(0) <= amount <= 100_000
    ]
    if bad:
        raise BadLateCosts(bad[0].message, lines=bad, fix=bad[0].fix)
    steps.set_late_costs(amounts)
    return LateCostsSet(req.a, req.b, req.c)
