"""The page of a short line: send a part, a substitute, or wait; and what customers say of substitutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import commands_substitutes as commands
from flowrack.allocation import commands_undo, pages_elsewhere, queries_outlook, queries_supply, rules_cover
from flowrack.allocation import queries_substitutes as queries
from flowrack.allocation.cards import Card, Price
from flowrack.allocation.forms_substitutes import ConsentForm, TransferAsked
from flowrack.allocation.queries_substitutes import Proposed, ShortLine
from flowrack.allocation.rules_substitutes import Need, Offer, fill
from flowrack.allocation.types_substitutes import SUBSTITUTION, AcceptOffer, SeenPortion, UndoSubstitutes
from flowrack.approvals.queries import business_days
from flowrack.platform.http import caller_of, now
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.format import currency_symbol, day, money, number
from flowrack.platform.web.listing import Button, Choice, Column, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form, render_page
from flowrack.platform.web.viewer import viewer_of
from flowrack.sales import queries as orders
from flowrack.sales import queries_substitutes as orders_instead
from flowrack.shared.errors import FlowrackError, Invalid, NotFound
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref
from flowrack.storage.commands_transfer_plans import plan_transfer

CONSENTS_TITLE = "What customers take instead"
WHOLE = {"complete": "one delivery", "line": "each line whole"}
MARKS = {"waiting": "wait", "granted": "ok", "rejected": "bad", "withdrawn": "void", "voided": "void"}


def _covered(line: ShortLine, today: date) -> date | None:
    """From which day on all that waits of the line can leave, as runs will keep promises; None = not all of it."""
    pair, at = (line.need.item_id, line.site_id), now()
    found = rules_cover.outlook(*queries_outlook.scenes([pair], at)[pair], today)
    return found[line.need.line_id].on if line.need.line_id in found else None


def _dated(proposed: Proposed, covered: date | None) -> tuple[Proposed, date | None]:
    """The days as the promise reads them: nothing leaves today after the last cut-off, and nothing on a closed day."""
    line = proposed.line
    ready = [line.need.ship_on, max(covered or line.need.ship_on, line.need.ship_on)]
    soonest, later = queries_supply.leaves_on(line.order_id, ready, now())
    if soonest is not None:
        proposed = replace(proposed, line=replace(line, need=line.need._replace(ship_on=soonest)))
    return proposed, None if covered is None else later


def _when(on: date | None, wanted: date) -> str:
    if on is None:
        return "no date: order more"
    return day(max(on, wanted)) if on != date.min else day(wanted)


def _late(on: date | None, line: ShortLine) -> str:
    """How many days after the ship-by day what waits can leave: today at the earliest."""
    if on is None:
        return "not covered yet"
    late = (max(on, line.need.ship_on) - line.ship_by_on).days
    return f"{late} day{'' if late == 1 else 's'} late" if late > 0 else "in time"


def _fills(offer: Offer, ordered: int) -> list[tuple[str, str]]:
    alone, both = fill(ordered, offer.original, offer.replaced)
    return [("Unit fill", f"{both} %, {alone} % without"), ("Backorder", number(offer.backorder))]


def _split(proposed: Proposed, covered: date | None) -> Card:
    need, a = proposed.line.need, proposed.offers.a
    rest, there = need.ordered - a.original, a.original - proposed.line.sent
    rows = _there(proposed, a)
    rows.append((number(rest), need.sku, _when(covered, need.ship_on)))
    alone, _ = fill(need.ordered, a.original, 0)
    if proposed.line.policy in WHOLE and not proposed.line.sent:
        why = f"The customer takes {WHOLE[proposed.line.policy]}: nothing of it leaves before all of it is there."
        return Card("1", "Send the part", "Not taken", "", [], empty=why)
    return Card(
        "1", "Send the part", f"{number(there)} now", f"{number(rest)} wait, {_late(covered, proposed.line)}", rows,
        [("Unit fill", f"{alone} % before"), ("Deliveries", "2" if there else "1")],
    )  # fmt: skip


def _there(proposed: Proposed, offer: Offer) -> list[tuple[str, str, str]]:
    """What has left of the ordered item, and what can leave."""
    need, sent = proposed.line.need, proposed.line.sent
    rows = [(number(sent), need.sku, "left already")] if sent else []
    return rows + ([(number(offer.original - sent), need.sku, day(need.ship_on))] if offer.original > sent else [])


def _wait(proposed: Proposed, covered: date | None) -> Card:
    need = proposed.line.need
    sent = proposed.line.sent
    rows = [(number(sent), need.sku, "left already")] if sent else []
    rows.append((number(need.ordered - sent), need.sku, _when(covered, need.ship_on)))
    return Card(
        "3", "Wait for all of it", _when(covered, need.ship_on), _late(covered, proposed.line), rows,
        [("Unit fill", f"{fill(need.ordered, sent, 0)[0]} % before"), ("Deliveries", "1")],
    )  # fmt: skip


def _instead(proposed: Proposed, offer: Offer, covered: date | None, *, shows_margin: bool) -> Card:
    need = proposed.line.need
    rows = _there(proposed, offer)
    for portion in offer.portions:
        packs = portion.units // portion.edge.multiple
        of = f"{portion.edge.sku} ({number(packs)} packs)" if portion.edge.multiple > 1 else portion.edge.sku
        rows.append((number(portion.units), f"{of} for {number(portion.replaces)}", day(need.ship_on)))
    if offer.backorder:
        rows.append((number(offer.backorder), need.sku, _when(covered, need.ship_on)))
    facts = _fills(offer, need.ordered)
    prices, old, new = _prices(need, offer, shows_margin=shows_margin)
    facts.append(("Price", "as ordered" if old == new else f"{_signed(new - old)} for the customer"))
    if shows_margin:
        facts.append(("Margin", "a cost is not known" if offer.margin_delta is None else _delta(offer.margin_delta)))
    asks = [f"{p.edge.sku}: {p.asks}" for p in offer.portions if p.asks]
    title = "Send a substitute" if not asks else "Substitute, with consent"
    seen = [(p.edge.item_id, p.units) for p in offer.portions]
    there = offer.original + offer.replaced - proposed.line.sent
    left = f"{number(offer.backorder)} wait" if offer.backorder else "nothing waits"
    return Card(
        "2", title, f"{number(there)} now", left, rows, facts, offer.name, seen,
        "Ask" if asks else f"Send offer {offer.name}", asks, prices=prices, confirm=_confirm(need, offer, old, new),
    )  # fmt: skip


def _prices(need: Need, offer: Offer, *, shows_margin: bool) -> tuple[list[Price], Decimal, Decimal]:
    """Each portion under what it replaces, and what the customer pays for both."""
    rows, old, new = [], Decimal(0), Decimal(0)
    for p in offer.portions:
        was, now_ = to_money(need.unit_price * p.replaces), to_money(p.unit_price * p.units)
        old, new = old + was, new + now_
        earned = None if need.unit_cost is None else was - need.unit_cost * p.replaces
        earns = None if p.edge.unit_cost is None else now_ - p.edge.unit_cost * p.units
        rows += [
            Price(f"Ordered: {number(p.replaces)} {need.sku}", _price(need.unit_price), _price(was),
                  _earned(earned) if shows_margin else ""),
            Price(f"Instead: {number(p.units)} {p.edge.sku}", _price(p.unit_price), _price(now_),
                  _earned(earns) if shows_margin else ""),
        ]  # fmt: skip
    return rows, old, new


def _price(amount: Decimal) -> str:
    return f"{currency_symbol()}{money(amount)}"


def _earned(amount: Decimal | None) -> str:
    return "not known" if amount is None else _signed(amount) if amount < 0 else _price(amount)


def _confirm(need: Need, offer: Offer, old: Decimal, new: Decimal) -> str:
    """What is said once more before it is done."""
    units = ", ".join(f"{number(p.units)} {p.edge.sku} for {number(p.replaces)} {need.sku}" for p in offer.portions)
    pays = f"the customer pays {_price(new)}, as for what was ordered" if old == new else (
        f"the customer pays {_price(new)} instead of {_price(old)}"
    )  # fmt: skip
    return f"{units}: {pays}. It can be taken back until it is picked."


def _signed(amount: Decimal) -> str:
    sign = "+" if amount > 0 else "−" if amount < 0 else ""
    return f"{sign}{_price(abs(amount))}"


def _delta(amount: Decimal) -> str:
    return f"{_signed(amount)} against the ordered item"


def _access(request: HttpRequest, line_id: int) -> tuple[ShortLine, date]:
    caller = caller_of(request)
    sites = orders.sites_of([orders.order_of_line(line_id)])
    if len(sites) != 1 or caller is None or not caller.may("allocation.view", sites[0]):
        raise NotFound("There is no such order line.", fix="Open the order again.")
    today = business_days(sites, now=now())[sites[0]]
    line = queries.short_line(line_id, today)
    assert line is not None, "its order was found"
    return line, today


@page("allocation.view", methods=("GET", "HEAD"))
def instead(request: HttpRequest, line_id: int) -> HttpResponse:
    """The ways to go on with a short line, side by side."""
    return _draw(request, line_id)


def _draw(request: HttpRequest, line_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    line, today = _access(request, line_id)
    proposed, viewer = queries.propose(line, today, now()), viewer_of(request)
    proposed, covered = _dated(proposed, _covered(line, today))
    shows = viewer.may("sales.see_margin", line.site_id)
    found = proposed.offers
    cards = [_split(proposed, covered)]
    for offer in (found.a, found.b):
        if offer is not None and offer.portions:
            cards.append(_instead(proposed, offer, covered, shows_margin=shows))
    if len(cards) == 1:
        cards.append(Card("2", "Send a substitute", "Nothing fits", "", [], empty="None is free, valid and taken."))
    cards += pages_elsewhere.cards(proposed.line, covered, viewer) if line.need.missing else []
    cards.append(_wait(proposed, covered))
    return render_page(
        request,
        "allocation/instead.html",
        {
            "line": line,
            "cards": cards,
            "rejected": found.rejected,
            "may_accept": viewer.may("allocation.substitute", line.site_id),
            "shows_margin": shows,
            "standing": orders_instead.substitutes_of(line_id),
            "refusal": refusal,
            "order_url": reverse("sales_order", args=[line.order_id]),
        },
        status=refusal.status if refusal else 200,
    )


@page("storage.plan_transfers", methods=("POST",))
def plan(request: HttpRequest, line_id: int) -> HttpResponse:
    """Plan the transfer that brings what the line lacks, as it was seen."""
    line, _ = _access(request, line_id)
    asked = TransferAsked(request.POST)
    if not asked.is_valid():
        return _draw(request, line_id, Invalid("Nothing says what should come.", fix="Choose a site again."))
    try:
        req = pages_elsewhere.request_of(line, **asked.cleaned_data)
    except Invalid as refusal:
        return _draw(request, line_id, refusal)
    return perform(
        request, plan_transfer, req, to=reverse("allocation_instead", args=[line_id]),
        toast=lambda done: f"{done.number} planned{f', there on {day(done.due_on)}' if done.due_on else ''}",
        again=lambda refusal: _draw(request, line_id, refusal),
    )  # fmt: skip


@page("allocation.substitute", methods=("POST",))
def accept(request: HttpRequest, line_id: int) -> HttpResponse:
    """Accept an offer as it was seen."""
    line, _ = _access(request, line_id)
    seen = []
    for item, units in zip(request.POST.getlist("item"), request.POST.getlist("units"), strict=False):
        item_id, count = read_id(item), read_id(units)
        if item_id and count:
            seen.append(SeenPortion(item_id, count))
    return perform(
        request,
        commands.accept_offer,
        AcceptOffer(line_id, request.POST.get("offer", ""), seen, request.POST.get("reason", "")),
        to=reverse("sales_order", args=[line.order_id]),
        toast=lambda done: f"Asked, {done.approval}" if done.pending else f"{done.replaced} replaced",
        again=lambda refusal: _draw(request, line_id, refusal),
    )


@page("allocation.substitute", methods=("POST",))
def undo(request: HttpRequest, line_id: int) -> HttpResponse:
    """Take back all that is sent instead of a line."""
    line, _ = _access(request, line_id)
    return perform(
        request,
        commands_undo.undo_substitutes,
        UndoSubstitutes(line_id),
        to=reverse("sales_order", args=[line.order_id]),
        toast=lambda done: f"{done.waits_again:,} wait again",
        again=lambda refusal: _draw(request, line_id, refusal),
    )


@page("allocation.view", methods=("GET", "HEAD"))
def substitution(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request for substitutes that somebody must agree to."""
    row, caller = queries.request_row(request_id), caller_of(request)
    if row is None or caller is None or not caller.may("allocation.view", row.site_id):
        raise NotFound(f"There is no request with id {request_id}.")
    shows = viewer_of(request).may("sales.see_margin", row.site_id)
    inbox = f"{reverse('approvals_inbox')}?request={row.approval_id}"
    record = Record(
        title=row.number,
        subtitle=f"{row.order}, {row.customer}",
        state=row.state,
        marks=MARKS,
        subject=ref(SUBSTITUTION, row.id),
        site_id=row.site_id,
        back=(row.order, reverse("sales_order", args=[row.order_id])),
        facts=[
            Fact("Instead of", f"{row.replaces} {row.sku}"),
            Fact("Sent", row.substitutes),
            Fact("Why", row.reason),
            *([Fact("Margin", row.margin_delta, "money", note="against the ordered item")] if shows else []),
            Fact("Asked", row.asked_at, "datetime", note=row.asked_by),
            *([Fact("Approval", row.approval, "code", url=inbox, note=row.decided_by)] if row.approval else []),
            *([Fact("What changed", row.outcome)] if row.outcome else []),
        ],
        tables=[Table("Portions", PORTIONS, queries.portion_rows(row.id))],
        why={ref("sales.line", row.line_id): row.sku},
    )
    return render_record(request, record)


PORTIONS = [
    Column("sku", "Substitute", kind="code"),
    Column("units", "Units", kind="number"),
    Column("replaces", "For", kind="number"),
    Column("asks", "Asks because", wide=True),
]

CONSENTS = ListPage(
    name="allocation.consents",
    title=CONSENTS_TITLE,
    noun=("consent", "consents"),
    permission="allocation.view",
    rows=queries.consent_page,
    columns=[
        Column("customer", "Customer", sort=True),
        Column("sku", "Ordered", kind="code", sort=True),
        Column("substitute", "Instead", kind="code", sort=True),
        Column("takes", "Says", sort=True),
        Column("reason", "Why", wide=True),
        Column("set_by", "Written by"),
        Column("set_at", "Since", kind="datetime", sort=True),
        Column("ended_at", "Ended", kind="datetime", sort=True),
        Column("standing", "State", hidden=True),
    ],
    filters=[
        Choice("takes", "Says", [("takes", "takes"), ("never", "never")], promoted=True),
        Choice("standing", "State", [("in force", "in force"), ("ended", "ended")]),
    ],
    tabs=[Tab("In force", "standing=in force"), Tab("All", "view=all")],
    sort="customer,sku",
    search="Customer or item",
    actions=[Button("Write down", "allocation_consent_new", permission="allocation.consent", primary=True, key="n")],
    empty=Empty(
        "Nobody said anything", "What a customer takes or never takes instead of an item.",
        "Write down", "allocation_consent_new", "allocation.consent",
    ),
)  # fmt: skip


@page("allocation.consent")
def new_consent(request: HttpRequest) -> HttpResponse:
    """Write down what a customer says of a substitute."""
    form = ConsentForm(request.POST or None, initial={k: request.GET.get(k, "") for k in ("customer", "sku")})

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="What a customer takes instead", verb="Write down", refusal=refusal,
            back=(CONSENTS_TITLE, reverse("allocation_consents")),
            sub="It counts for every order from now on; what he said before ends.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request, commands.set_consent, form.to_request(), to=reverse("allocation_consents"), toast="Written down",
        again=drawn,
    )  # fmt: skip


NAV = [
    NavItem(
        "Outbound", CONSENTS_TITLE, "allocation_consents", permission="allocation.view", order=25, section="Allocation"
    )
]

urlpatterns = [
    path("order-lines/<int:line_id>/instead", instead, name="allocation_instead"),
    path("order-lines/<int:line_id>/instead/accept", accept, name="allocation_instead_accept"),
    path("order-lines/<int:line_id>/transfer", plan, name="allocation_plan_transfer"),
    path("order-lines/<int:line_id>/instead/undo", undo, name="allocation_instead_undo"),
    path("allocation/substitutions/<int:request_id>", substitution, name="allocation_substitution"),
    path("allocation/consents", CONSENTS.view, name="allocation_consents"),
    path("allocation/consents/new", new_consent, name="allocation_consent_new"),
]
