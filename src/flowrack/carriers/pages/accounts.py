"""Carriers' own systems: the list with breakers, one account with its last answers, a call to try it, allowed hosts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.carriers import asking, commands_live, queries_live
from flowrack.carriers.forms_accounts import HOST_COLUMNS, AccountForm, hosts_of
from flowrack.carriers.queries_live import AccountRow
from flowrack.carriers.rules_live import WORDS, Outcome
from flowrack.carriers.types_live import ACCOUNT, BadHost, KeepAnswers, SaveAccount, SetHosts, SwitchAccount
from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Button, Empty, Flag, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.refs import ref

TITLE, SETUP, HOSTS = "Carriers' systems", "carriers.accounts", "carriers.hosts"
SHOWN = 50


def _outcome(code: str) -> str:
    return WORDS[Outcome(code)] if code else "never asked"


def _state(row: AccountRow) -> str:
    if not row.is_on:
        return "off"
    return "left alone" if row.breaker.is_open(now()) else "asked"


ACCOUNTS = ListPage(
    name="carriers.accounts",
    title=TITLE,
    noun=("system", "systems"),
    permission="carriers.view",
    rows=queries_live.account_list,
    columns=[
        Column("carrier", "Carrier", sort=True, wide=True, link=lambda r: _url(r.id)),
        Column("is_on", "State", value=_state, tone=lambda r: "bad" if _state(r) == "left alone" else ""),
        Column("address", "Address", wide=True),
        Column("last_at", "Last asked", kind="datetime", sort=True),
        Column("last_outcome", "It", value=lambda r: _outcome(r.last_outcome)),
        Column("calls_day", "Calls in a day", kind="number", sort=True),
        Column("failed_day", "Without an answer", kind="number", sort=True),
        Column("services", "Services priced", kind="number"),
    ],
    filters=[Flag("is_on", "Asked")],
    sort="carrier",
    search="Carrier or address",
    row_id=lambda r: int(r.id),
    actions=[
        Button("Allowed hosts", "carriers_hosts", permission=HOSTS),
        Button("New account", "carriers_account_new", permission=SETUP, primary=True, key="n"),
    ],
    empty=Empty(
        "No carrier is asked", "Prices come from rate cards. A carrier with a system of his own can be asked instead.",
        "New account", "carriers_account_new", SETUP,
    ),
)  # fmt: skip

CALLS = [
    Column("at", "Asked", kind="datetime"),
    Column("purpose", "For"),
    Column("outcome", "It", value=lambda r: _outcome(r.outcome), tone=lambda r: "" if r.outcome == "ok" else "bad"),
    Column("status", "HTTP", kind="number", value=lambda r: r.status or None),
    Column("took_ms", "Took, ms", kind="number"),
    Column("words", "In words", wide=True),
]
RATES = [
    Column("asked_at", "Asked", kind="datetime"),
    Column("service", "Service", wide=True),
    Column("total", "Price", kind="money"),
    Column("days", "Days", kind="number"),
    Column("outcome", "It", value=lambda r: "does not offer it" if r.outcome == "ok" and r.total is None
           else _outcome(r.outcome)),
    Column("good_until", "Counts until", kind="datetime"),
]  # fmt: skip


def _url(account_id: int, step: str = "") -> str:
    return reverse(f"carriers_account{step}", args=[account_id])


@page("carriers.view", methods=("GET", "HEAD"))
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account: how it is reached, its breaker, its last answers."""
    return _drawn(request, account_id)


def _drawn(request: HttpRequest, account_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    row, at = queries_live.account_row(account_id), now()
    is_open = row.breaker.is_open(at)
    failed = f"{row.failures} in a row"
    record = Record(
        title=row.carrier,
        subtitle=row.address,
        state=_state(row),
        marks={"asked": "ok", "left alone": "bad", "off": "void"},
        subject=ref(ACCOUNT, account_id),
        back=(TITLE, reverse("carriers_accounts")),
        facts=[
            Fact("Last asked", row.last_at or "never", "datetime" if row.last_at else "text", note=row.last_words),
            *([Fact("Left alone until", row.open_until, "datetime", note=failed, tone="bad")] if is_open else []),
            *([Fact("Without an answer", failed)] if row.failures and not is_open else []),
            Fact("Secret in", row.secret_env, "code"),
            *([Fact("Trusts", row.ca_env, "code", note="the authority in its file alone")] if row.ca_env else []),
            Fact("Account", row.account_no or "not named", "code", note=row.currency),
            Fact("Waits", f"{row.timeout_ms:,} ms", note=f"{row.tries} tries"),
            Fact("An answer counts", f"{row.answer_minutes:,} minutes"),
            Fact("Services of its rate card", f"{row.services:,}", note="" if row.services else "no card in force"),
            Fact("Saved by", row.saved_by, note=row.saved_at),
        ],
        actions=[
            Do("Edit", _url(account_id, "_edit"), SETUP, post=False),
            Do("Do not ask it" if row.is_on else "Ask it", _url(account_id, "_switch"), SETUP,
               fields={"is_on": "" if row.is_on else "1"}),
            Do("Try it", _url(account_id, "_test"), SETUP, primary=True, key="y"),
        ],
        tables=[
            Table("Last calls", CALLS, queries_live.calls_of(account_id, limit=SHOWN), empty="It was never asked.",
                  note="Kept for 90 days."),
            Table("Last prices", RATES, queries_live.rates_of(account_id, limit=SHOWN), empty="No prices yet.",
                  note="A choice keeps its own copy of what it was made from."),
        ],
    )  # fmt: skip
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


def _form(
    request: HttpRequest, form: AccountForm, title: str, back: tuple[str, str], *, is_new: bool = False
) -> HttpResponse:
    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=title, verb="Save", refusal=refusal, back=back,
            sub="It is asked for prices before a carrier is chosen. Where it does not answer, the rate card does.",
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        req = SaveAccount(form.cleaned_data["carrier"].strip(), form.account(), is_new)
        return perform(
            request, commands_live.save_carrier_account, req, to=lambda done: _url(done.account_id),
            toast="Account saved", again=again,
        )  # fmt: skip
    return again()


@page(SETUP)
def new(request: HttpRequest) -> HttpResponse:
    """The account of a carrier."""
    form = AccountForm(request.POST or None)
    return _form(request, form, "New account", (TITLE, reverse("carriers_accounts")), is_new=True)


@page(SETUP)
def edit(request: HttpRequest, account_id: int) -> HttpResponse:
    """An account as it should be."""
    row = queries_live.account_row(account_id)
    start = {name: getattr(row, name) for name in AccountForm.base_fields if name != "carrier"}
    form = AccountForm(request.POST or None, initial={**start, "carrier": row.code})
    return _form(request, form, f"Account of {row.carrier}", (row.carrier, _url(account_id)))


@page(SETUP, methods=("POST",))
def switch(request: HttpRequest, account_id: int) -> HttpResponse:
    """Ask it from now on, or do not."""
    req = SwitchAccount(account_id, bool(request.POST.get("is_on")))
    return perform(
        request, commands_live.switch_carrier_account, req, to=_url(account_id),
        toast=lambda done: "It is asked from now on" if done.is_on else "It is not asked any more",
        again=lambda refusal: _drawn(request, account_id, refusal),
    )  # fmt: skip


@page(SETUP, methods=("POST",))
def test(request: HttpRequest, account_id: int) -> HttpResponse:
    """Ask for the price of one parcel, and show what came."""
    answer = asking.tried(account_id, now())
    priced = ", ".join(f"{one.total:,.2f}" for one in answer.rates if one.total is not None)
    said = f"It answered: {priced or 'no price'}" if answer.outcome == Outcome.OK else f"No answer: {answer.words}"
    return perform(
        request, commands_live.keep_carrier_answers, KeepAnswers([answer]), to=_url(account_id), toast=said,
        again=lambda refusal: _drawn(request, account_id, refusal),
    )  # fmt: skip


@page(HOSTS)
def hosts(request: HttpRequest) -> HttpResponse:
    """The hosts that accounts may name."""
    known = [
        {"host": one.host, "port": str(one.port), "is_inside": "yes" if one.is_inside else ""}
        for one in queries_live.hosts()
    ]
    grid = GridForm(HOST_COLUMNS, request.POST if request.method == "POST" else None, initial=known)
    to = reverse("carriers_hosts")

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, None, title="Hosts that accounts may name", verb="Save", refusal=refusal,
            sub="Only these are ever called. In our own network: plain http and private addresses are allowed too.",
            template="patterns/grid.html", grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if request.method != "POST":
        return drawn()
    bad: list[BadLine] = []
    req = SetHosts(hosts_of(grid.rows, bad))
    if bad:
        return drawn(BadHost("This cannot be kept.", lines=bad))
    return perform(request, commands_live.set_carrier_hosts, req, to=to, toast="Hosts saved", again=drawn)


NAV = [
    NavItem("Data and setup", TITLE, "carriers_accounts", permission="carriers.view", order=43),
    NavItem("Data and setup", "Carriers' hosts", "carriers_hosts", permission=HOSTS, order=44),
]
urlpatterns = [
    path("carrier-systems", ACCOUNTS.view, name="carriers_accounts"),
    path("carrier-systems/new", new, name="carriers_account_new"),
    path("carrier-systems/hosts", hosts, name="carriers_hosts"),
    path("carrier-systems/<int:account_id>", account, name="carriers_account"),
    path("carrier-systems/<int:account_id>/edit", edit, name="carriers_account_edit"),
    path("carrier-systems/<int:account_id>/switch", switch, name="carriers_account_switch"),
    path("carrier-systems/<int:account_id>/test", test, name="carriers_account_test"),
]
