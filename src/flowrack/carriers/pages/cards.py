"""Rate cards: the list of versions, one version with all that it says, and what may be done with it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.carriers import commands, imports, queries
from flowrack.carriers.forms import SECTIONS, CopyCardForm, NewCardForm, WithdrawForm
from flowrack.carriers.queries import CardRow
from flowrack.carriers.types import (
    ApproveRateCard,
    CardOf,
    CopyRateCard,
    DropRateCard,
    RateCardSaved,
    WithdrawRateCard,
    WriteRateCard,
)
from flowrack.platform.importing.web import import_view
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.grid import GridColumn
from flowrack.platform.web.listing import Button, Choice, DateRange, Empty, Flag, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

LIST, RATES, APPROVE = "Rate cards", "carriers.rates", "carriers.approve_rates"
AMOUNTS = ("price", "per_kg", "amount", "minimum", "percent")
MARKS = {"draft": "wait", "approved": "ok", "withdrawn": "void", "dropped": "void"}

CARDS = ListPage(
    name="carriers.cards",
    title=LIST,
    noun=("version", "versions"),
    permission="carriers.view",
    rows=queries.card_list,
    columns=[
        Column("code", "Carrier", kind="code", sort=True, link=lambda r: _url(r.id)),
        Column("carrier", "Name", sort=True, wide=True),
        Column("version", "Version", kind="number", sort=True),
        Column("state", "State", kind="state", marks=MARKS, sort=True),
        Column("valid_from", "Prices from", kind="date", sort=True),
        Column("in_force", "In force", kind="flag"),
        Column("services", "Services", kind="number"),
        Column("rates", "Rates", kind="number"),
        Column("written_by", "Written by", sort=True),
        Column("approved_by", "Approved by", sort=True),
        Column("name", "Called", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(state, state) for state in MARKS], promoted=True),
        Flag("in_force", "In force"),
        DateRange("valid_from", "Prices from"),
    ],
    tabs=[Tab("In force", "in_force=yes"), Tab("To approve", "state=draft"), Tab("All versions", "")],
    sort="code,-version",
    search="Carrier or name",
    row_id=lambda r: int(r.id),
    actions=[
        Button("Import rates", "carriers_import_rates", permission=RATES),
        Button("Import places", "carriers_import_places", permission=RATES),
        Button("Price a parcel", "carriers_try", permission="carriers.view"),
        Button("New rate card", "carriers_card_new", permission=RATES, primary=True, key="n"),
    ],
    empty=Empty(
        "No rate cards yet", "What carriers charge, by zone and weight, from which day on. Finance approves it.",
        "New rate card", "carriers_card_new", RATES,
    ),
)  # fmt: skip


def _url(card_id: int, step: str = "") -> str:
    return reverse(f"carriers_card{step}", args=[card_id])


def _section(card_id: int, name: str) -> str:
    return reverse("carriers_card_section", args=[card_id, name])


@page("carriers.view", methods=("GET", "HEAD"))
def card(request: HttpRequest, card_id: int) -> HttpResponse:
    """One version of a rate card."""
    return _record(request, card_id)


def _record(request: HttpRequest, card_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    head, content = queries.card_row(card_id), queries.card(card_id)
    record = Record(
        title=f"{head.code} v{head.version}",
        subtitle=" · ".join(part for part in (head.carrier, head.name) if part),
        state=head.state,
        marks=MARKS,
        subject=ref("carriers.rate_card", card_id),
        back=(LIST, reverse("carriers_cards")),
        facts=_facts(head),
        actions=_actions(head),
        tables=_tables(head, content),
    )
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


def _facts(head: CardRow) -> list[Fact]:
    facts = [
        Fact("Prices from", head.valid_from, "date", note="in force today" if head.in_force else ""),
        Fact("Written by", head.written_by, note=head.written_at),
    ]
    if head.approved_at is not None:
        facts.append(Fact("Approved by", head.approved_by, note=head.approved_at))
    if head.end_reason:
        facts.append(Fact("Withdrawn because", head.end_reason))
    return facts


def _actions(head: CardRow) -> list[Do]:
    copy = Do("Copy as new version", _url(head.id, "_copy"), RATES, post=False)
    if head.state == "draft":
        edits = [
            Do(f"Edit {section.title.lower()}", _section(head.id, name), RATES, post=False)
            for name, section in SECTIONS.items()
        ]
        return [
            Do("Drop draft", _url(head.id, "_drop"), RATES, confirm="Drop this draft?"),
            *edits,
            Do("Approve", _url(head.id, "_approve"), APPROVE, primary=True, key="a"),
        ]
    if head.state == "approved":
        return [Do("Withdraw", _url(head.id, "_withdraw"), APPROVE, post=False), copy]
    return [copy]


def _tables(head: CardRow, content: CardOf) -> list[Table]:
    """Every section as it is written, with the columns that are used."""
    tables = []
    for section in SECTIONS.values():
        rows = section.show(content)
        columns = [_column(grid) for grid in section.columns if any(row.get(grid.name) for row in rows) or not rows]
        empty = "Nothing yet: edit the draft, or import it." if head.state == "draft" else "Nothing."
        tables.append(Table(section.title, columns, rows, empty=empty, note=section.sub))
    return tables


def _column(grid: GridColumn) -> Column:
    """A column of a section as it is read; amounts to the cent."""
    name = grid.name
    if name == "from_on":
        return Column(name, grid.label, kind="date", value=lambda r: date.fromisoformat(r[name]) if r[name] else None)
    if grid.kind != "number":
        return Column(name, grid.label, kind="code" if grid.code else "text")
    places = 2 if name in AMOUNTS else 0
    return Column(
        name, grid.label, kind="number", places=places, value=lambda r: Decimal(r[name]) if r.get(name) else None
    )


@page(RATES)
def new_card(request: HttpRequest) -> HttpResponse:
    """Begin a rate card of a carrier."""
    form = NewCardForm(request.POST or None)

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="New rate card", verb="Begin", refusal=refusal,
            back=(LIST, reverse("carriers_cards")),
            sub="A carrier has one draft at a time. Copy a version to begin with what it says.",
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        req = WriteRateCard(said["carrier"].strip(), CardOf(said["valid_from"], said["name"]), is_new=True)
        return perform(request, commands.write_rate_card, req, to=_to, toast="Draft begun", again=again)
    return again()


def _to(done: RateCardSaved) -> str:
    return _url(done.card_id)


@page(RATES)
def copy(request: HttpRequest, card_id: int) -> HttpResponse:
    """Begin a draft with what this version says."""
    head = queries.card_row(card_id)
    form = CopyCardForm(request.POST or None, initial={"valid_from": _later(head.valid_from)})
    title = f"{head.code} v{head.version}"

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Copy {title}", verb="Begin draft", refusal=refusal, back=(title, _url(card_id)),
            sub="A carrier has one draft at a time.",
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        req = CopyRateCard(card_id, **form.cleaned_data)
        return perform(request, commands.copy_rate_card, req, to=_to, toast="Draft begun", again=again)
    return again()


def _later(day: date) -> str:
    return f"{day.year + 1}-{day:%m}-01"


@page(RATES, methods=("POST",))
def drop(request: HttpRequest, card_id: int) -> HttpResponse:
    """Drop a draft."""
    req = DropRateCard(card_id)
    return perform(request, commands.drop_rate_card, req, to=reverse("carriers_cards"), toast="Draft dropped")


@page(APPROVE, methods=("POST",))
def approve(request: HttpRequest, card_id: int) -> HttpResponse:
    """Let a draft price goods."""

    def again(refusal: FlowrackError) -> HttpResponse:
        return _record(request, card_id, refusal)

    req = ApproveRateCard(card_id)
    return perform(request, commands.approve_rate_card, req, to=_to, toast="Rate card approved", again=again)


@page(APPROVE)
def withdraw(request: HttpRequest, card_id: int) -> HttpResponse:
    """Let a version price no more."""
    head = queries.card_row(card_id)
    form, title = WithdrawForm(request.POST or None), f"{head.code} v{head.version}"

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Withdraw {title}", verb="Withdraw", refusal=refusal, back=(title, _url(card_id)),
            sub="The version before it prices again. Choices that were made stay as they are.",
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        req = WithdrawRateCard(card_id, form.cleaned_data["reason"])
        return perform(request, commands.withdraw_rate_card, req, to=_to, toast="Rate card withdrawn", again=again)
    return again()


NAV = [NavItem("Data and setup", LIST, "carriers_cards", permission="carriers.view", order=41)]
urlpatterns = [
    path("rate-cards", CARDS.view, name="carriers_cards"),
    path("rate-cards/new", new_card, name="carriers_card_new"),
    path(
        "rate-cards/import/rates",
        import_view(imports.RATES, commands.import_rates, back="carriers_cards"),
        name="carriers_import_rates",
    ),
    path(
        "rate-cards/import/places",
        import_view(imports.LANES, commands.import_places, back="carriers_cards"),
        name="carriers_import_places",
    ),
    path("rate-cards/<int:card_id>", card, name="carriers_card"),
    path("rate-cards/<int:card_id>/copy", copy, name="carriers_card_copy"),
    path("rate-cards/<int:card_id>/drop", drop, name="carriers_card_drop"),
    path("rate-cards/<int:card_id>/approve", approve, name="carriers_card_approve"),
    path("rate-cards/<int:card_id>/withdraw", withdraw, name="carriers_card_withdraw"),
]
