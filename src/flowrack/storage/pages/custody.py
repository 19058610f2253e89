"""Pages of goods that belong to others: where they stand, taking in, giving back, and the statement of an owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.lookup import read_id
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Button, Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, perform_form, render_form
from flowrack.platform.web.viewer import sites_for, viewer_of
from flowrack.shared.errors import FlowrackError, Invalid, NotFound
from flowrack.shared.refs import ref
from flowrack.storage import commands_custody as commands
from flowrack.storage import queries_custody as queries
from flowrack.storage import rules_custody as rules
from flowrack.storage.forms_custody import CUSTODY_GRID, CustodyForm, RatesForm, read_custody
from flowrack.storage.rules_custody import Charged
from flowrack.storage.types_custody import GiveBack, TakeIn

TITLE = "Stock of others"
CUSTODY, STATEMENT, RATES = "storage.custody", "storage.statement", "storage.custody_rates"
LONGEST = 366  # days of a statement

STOCK = ListPage(
    name="storage.custody",
    title=TITLE,
    noun=("place", "places"),
    permission="storage.view",
    rows=queries.stock_page,
    columns=[
        Column("owner", "Owner", sort=True, link=lambda r: reverse("storage_statement", args=[r.owner_id])),
        Column("sku", "Item", kind="code", sort=True),
        Column("name", "Name", wide=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("location", "Place", kind="code", sort=True),
        Column("pallet", "Pallet", kind="code"),
        Column("lot", "Lot", kind="code"),
        Column("quality", "Quality"),
        Column("site", "Site", kind="code"),
    ],
    sort="owner,sku",
    search="Owner, item, place or pallet",
    actions=[
        Button("Take in", "storage_take_in", permission=CUSTODY, primary=True, key="n"),
        Button("Give back", "storage_give_back", permission=CUSTODY),
        Button("Rates", "storage_custody_rates", permission=RATES),
    ],
    empty=Empty(
        "Nobody else's goods are here", "Goods of other owners are never promised, sent to others or valued.",
        "Take in", "storage_take_in", CUSTODY,
    ),
)  # fmt: skip


@page(CUSTODY)
def take_in(request: HttpRequest) -> HttpResponse:
    """Goods of another owner come."""
    return _moved(request, "Take goods of another owner in", "Take in", commands.take_in, TakeIn)


@page(CUSTODY)
def give_back(request: HttpRequest) -> HttpResponse:
    """Goods of another owner leave with him."""
    return _moved(request, "Give goods back to their owner", "Give back", commands.give_back, GiveBack)


def _moved(
    request: HttpRequest, title: str, verb: str, command: Callable[[Any, Any], Any], make: type[TakeIn] | type[GiveBack]
) -> HttpResponse:
    viewer = viewer_of(request)
    mine = [s for s in sites_for(viewer) if viewer.may(CUSTODY, s.id)]
    form = CustodyForm(request.POST or None, mine=mine, initial={"site": viewer.site_id or None})
    grid = GridForm(CUSTODY_GRID, request.POST if request.method == "POST" else None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=title, verb=verb, refusal=refusal, back=(TITLE, reverse("storage_custody")),
            template="patterns/grid.html", grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if request.method != "POST":
        return drawn()
    form.is_valid()
    data = form.cleaned_data
    lines, rows, bad = read_custody(grid.rows)
    return perform_form(
        request,
        command,
        make(data.get("site", 0), data.get("owner", ""), lines),
        form=form,
        bad=[*grid.doubts("units"), *bad],
        rows=rows,
        to=reverse("storage_custody"),
        toast=lambda done: f"{done.units:,} units",
        again=drawn,
    )


@page(RATES)
def rates(request: HttpRequest) -> HttpResponse:
    """What an owner is charged from a day on."""
    form = RatesForm(request.POST or None, initial={"owner": request.GET.get("owner", "")})

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        back = (TITLE, reverse("storage_custody"))
        return render_form(request, form, title="Rates of an owner", verb="Save rates", refusal=refusal, back=back)

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request, commands.set_custody_rates, form.to_request(), to=reverse("storage_custody"), toast="Rates saved",
        again=drawn,
    )  # fmt: skip


DAYS = [
    Column("on", "Day", kind="date", value=lambda c: c.day.on),
    Column("pallets", "Pallets at its end", kind="number", value=lambda c: c.day.pallets),
    Column("units", "Units", kind="number", value=lambda c: c.day.units),
    Column("came", "Came", kind="number", value=lambda c: c.day.came or None),
    Column("left", "Left", kind="number", value=lambda c: c.day.left or None),
    Column("storage", "Storage", kind="money"),
    Column("handling", "Handling", kind="money"),
]


def _period(request: HttpRequest) -> tuple[date, date]:
    """The days of the statement: those in the address, else the month before this one."""
    first = clock.today().replace(day=1)
    month = (first - timedelta(days=1)).replace(day=1), first - timedelta(days=1)
    try:
        since = date.fromisoformat(request.GET["since"]) if "since" in request.GET else month[0]
        until = date.fromisoformat(request.GET["until"]) if "until" in request.GET else month[1]
    except ValueError:
        raise Invalid("A day of the statement is no day.", fix="Write since=2026-11-01 and until=2026-11-30.") from None
    if not timedelta(0) <= until - since < timedelta(days=LONGEST):
        raise Invalid("A statement is of one day up to a year.", fix="Choose a later day for its end, or a sooner one.")
    return since, until


@page(STATEMENT, methods=("GET", "HEAD"))
def statement(request: HttpRequest, owner_id: int) -> HttpResponse:
    """What an owner's goods are charged, day by day, from the moves of his goods."""
    owner = next((one for one in queries.owners() if one.id == owner_id), None)
    if owner is None:
        raise NotFound("There is no such owner.", fix="Look at the list of owners.")
    since, until = _period(request)
    viewer = viewer_of(request)
    sites = [s for s in sites_for(viewer) if viewer.may(STATEMENT, s.id)]
    site = next((s for s in sites if s.id == (read_id(request.GET.get("site", "")) or viewer.site_id)), sites[0])
    agreed = queries.rates_of(owner_id)
    charged = rules.charge(queries.days_of(owner_id, site.id, since, until), agreed)
    storage, handling = rules.total(charged)
    return render_record(
        request, _statement(owner, site.name, (since, until), charged, storage, handling, bool(agreed))
    )


def _statement(
    owner: queries.OwnerRow, site: str, period: tuple[date, date], charged: list[Charged], storage: Decimal,
    handling: Decimal, has_rates: bool,
) -> Record:  # fmt: skip
    pallet_days = sum(one.day.pallets for one in charged)
    came, left = sum(one.day.came for one in charged), sum(one.day.left for one in charged)
    unpriced = sum(one.storage is None for one in charged)
    note = f"no rates for {unpriced} days" if unpriced else ""
    return Record(
        title=f"Statement of {owner.name}",
        subtitle=f"{site}, {period[0]:%d %b %Y} to {period[1]:%d %b %Y}",
        subject=ref("parties.party", owner.id),
        back=(TITLE, reverse("storage_custody")),
        facts=[
            Fact("Pallet-days", pallet_days, "number"),
            Fact("Pallets in, out", f"{came}, {left}"),
            Fact("Storage", storage, "money", note=note, tone="warn" if unpriced else ""),
            Fact("Handling", handling, "money"),
            Fact("To charge", storage + handling, "money"),
        ],
        actions=[
            Do(
                "Change rates" if has_rates else "Agree rates",
                f"{reverse('storage_custody_rates')}?owner={owner.code}", RATES, post=False,
            )
        ],
        tables=[
            Table("Days", DAYS, charged, totals={"storage": storage, "handling": handling, "came": came, "left": left})
        ],
    )  # fmt: skip


NAV = [NavItem("Stock", TITLE, "storage_custody", permission="storage.view", order=55)]

urlpatterns = [
    path("stock-of-others", STOCK.view, name="storage_custody"),
    path("stock-of-others/take-in", take_in, name="storage_take_in"),
    path("stock-of-others/give-back", give_back, name="storage_give_back"),
    path("stock-of-others/rates", rates, name="storage_custody_rates"),
    path("stock-of-others/statements/<int:owner_id>", statement, name="storage_statement"),
]
