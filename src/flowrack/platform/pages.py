"""The platform's pages: signing in, people and roles, API tokens, audit trail, refusals, events that failed."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from flowrack.platform import commands, queries, sessions
from flowrack.platform.forms import PasswordForm, RoleForm, SignInForm, TokenForm, UserForm
from flowrack.platform.http import OPEN
from flowrack.platform.landing import is_for_scanner
from flowrack.platform.lookup import read_id
from flowrack.platform.permissions import grants_of
from flowrack.platform.types import ChangeUser, RetryEvents, RevokeRole, RevokeToken
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.listing import Batch, Button, Choice, DateRange, Empty, ListPage, Tab, Text
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import context_of, go, perform, render_form
from flowrack.platform.web.said import named, said
from flowrack.platform.web.viewer import sites_for, viewer_of
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref


@page(permission=OPEN)
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; afterwards go where the person wanted to."""
    form = SignInForm(request.POST or None)
    refusal: FlowrackError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            user = sessions.sign_in(request, form.cleaned_data["username"], form.cleaned_data["password"])
            wanted = _wanted(request)
            return go(request, reverse("scan") if wanted == "/" and is_for_scanner(request, user.pk) else wanted)
        except FlowrackError as error:
            refusal = error
    bad = request.method == "POST" and not form.is_valid()
    status = refusal.status if refusal else (422 if bad else 200)
    context = {"form": form, "refusal": refusal, "next": _wanted(request)}
    return render(request, "platform/sign_in.html", context, status=status)


def _wanted(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours and wanted.startswith("/") else "/"


@page(methods=("POST",))
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and forget what the browser keeps of it."""
    sessions.sign_out(request)
    response = go(request, reverse("sign_in"))
    response["Clear-Site-Data"] = '"cache"'
    return response


@page(permission="platform.self")
def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    form = PasswordForm(request.POST or None)

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(request, form, title="Change password", verb="Change password", refusal=refusal)

    if request.method == "POST" and form.is_valid():
        return perform(
            request,
            commands.change_password,
            form.to_request(),
            to=reverse("sign_in"),
            toast="Password changed",
            again=again,
        )
    return again()


USERS = ListPage(
    name="platform.users",
    title="People",
    noun=("person", "people"),
    permission="platform.users",
    rows=queries.user_list,
    columns=[
        Column("full_name", "Name", sort=True, link=lambda u: reverse("platform_user", args=[u.id])),
        Column("username", "Signs in as", kind="code", sort=True),
        Column("roles", "Roles", wide=True),
        Column("state", "State", kind="state", sort=True, marks={"disabled": "off"}),
        Column("last_login", "Last signed in", kind="datetime", sort=True),
    ],
    filters=[Choice("state", "State", [("active", "Active"), ("disabled", "Disabled")], promoted=True)],
    tabs=[Tab("Active", "state=active"), Tab("All", "")],
    sort="full_name",
    search="Name or role",
    actions=[Button("New person", "platform_user_new", permission="platform.users", primary=True, key="n")],
    empty=Empty("Nobody yet", "People who sign in, with their roles.", "New person", "platform_user_new"),
)


def _sites(request: HttpRequest) -> list[tuple[int, str]]:
    return [(site.id, f"{site.code} {site.name}") for site in sites_for(viewer_of(request))]


@page(permission="platform.users")
def new_user(request: HttpRequest) -> HttpResponse:
    """Make a person."""
    form = UserForm(request.POST or None, sites=_sites(request))

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        back = ("People", reverse("platform_users"))
        return render_form(request, form, title="New person", verb="Save person", refusal=refusal, back=back)

    if request.method == "POST" and form.is_valid():
        return perform(
            request,
            commands.create_user,
            form.to_request(),
            to=lambda made: reverse("platform_user", args=[made.user_id]),
            toast="Person saved",
            again=again,
        )
    return again()


ROLE_COLUMNS = [
    Column("name", "Role"),
    Column("site", "Site"),
    Column("granted_by", "Given by"),
    Column("granted_at", "Given", kind="datetime"),
]
TOKEN_COLUMNS = [
    Column("name", "Token", wide=True),
    Column("public_id", "Id", kind="code"),
    Column("owner", "Owner", link=lambda t: reverse("platform_user", args=[t.owner_id])),
    Column("scopes", "Scopes", wide=True),
    Column("state", "State", kind="state", sort=True),
    Column("expires_at", "Expires", kind="datetime", sort=True),
    Column("last_used_at", "Last used", kind="datetime", sort=True),
]


@page(permission="platform.users")
def user(request: HttpRequest, user_id: int) -> HttpResponse:
    """One person: roles, tokens, audit trail."""
    return _user_record(request, user_id)


def _user_record(request: HttpRequest, user_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    found = queries.user(user_id)
    if found is None:
        raise Http404
    roles = queries.roles_of(user_id)
    is_active = found.state == "active"
    switch = "Disable" if is_active else "Enable"
    revokes = [
        Do(
            f"Revoke {role.name}" + (f" at {role.site}" if role.site_id else ""),
            reverse("platform_role_revoke", args=[user_id]),
            "platform.users",
            fields={"role": role.code, "site_id": role.site_id},
            confirm=f"Take the role {role.name} from {found.full_name}?",
        )
        for role in roles
    ]
    return render_record(
        request,
        Record(
            title=found.username,
            subtitle=found.full_name,
            state=found.state,
            subject=ref("platform.user", user_id),
            back=("People", reverse("platform_users")),
            facts=[Fact("Last signed in", found.last_login, "datetime")],
            actions=[
                *revokes,
                Do(
                    switch,
                    reverse("platform_user_change", args=[user_id]),
                    "platform.users",
                    fields={"is_active": "" if is_active else "1"},
                    confirm=f"{switch} {found.full_name}?" + (" All API tokens end too." if is_active else ""),
                ),
                Do("New token", reverse("platform_token_new", args=[user_id]), "platform.tokens", post=False),
                Do("Give role", reverse("platform_role_grant", args=[user_id]), "platform.users", True, False, "g"),
            ],
            tables=[
                Table("Roles", ROLE_COLUMNS, roles, empty="No role yet: this person sees nothing."),
                Table("Tokens", TOKEN_COLUMNS, queries.tokens_of(user_id), empty="No API token."),
            ],
        ),
        refusal=refusal,
    )


@page(permission="platform.users", methods=("POST",))
def change_user(request: HttpRequest, user_id: int) -> HttpResponse:
    """Disable or enable a person."""
    return perform(
        request,
        commands.change_user,
        ChangeUser(user_id, bool(request.POST.get("is_active"))),
        to=reverse("platform_user", args=[user_id]),
        toast="Person changed",
        again=lambda refusal: _user_record(request, user_id, refusal),
    )


@page(permission="platform.users")
def grant_role(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a person a role."""
    found = queries.user(user_id)
    if found is None:
        raise Http404
    form = RoleForm(request.POST or None, sites=_sites(request))
    to = reverse("platform_user", args=[user_id])

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        title = f"Give {found.full_name} a role"
        return render_form(request, form, title=title, verb="Give role", refusal=refusal, back=(found.full_name, to))

    if request.method == "POST" and form.is_valid():
        return perform(request, commands.grant_role, form.to_request(user_id), to=to, toast="Role given", again=again)
    return again()


@page(permission="platform.users", methods=("POST",))
def revoke_role(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take a role from a person."""
    site_id = request.POST.get("site_id", "0")
    return perform(
        request,
        commands.revoke_role,
        RevokeRole(user_id, request.POST.get("role", ""), read_id(site_id)),
        to=reverse("platform_user", args=[user_id]),
        toast="Role taken",
        again=lambda refusal: _user_record(request, user_id, refusal),
    )


@page(permission="platform.tokens")
def new_token(request: HttpRequest, user_id: int) -> HttpResponse:
    """Make an API token of a person and show its text this once."""
    found = queries.user(user_id)
    if found is None:
        raise Http404
    form = TokenForm(request.POST or None, scopes=sorted(grants_of(user_id)))
    context: dict[str, Any] = {"back": (found.full_name, reverse("platform_user", args=[user_id]))}
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            made = commands.create_token(context_of(request), form.to_request(user_id))
            return render(request, "platform/token_made.html", {"made": made, "owner": found, **context})
        except FlowrackError as error:
            refusal = error
    title = f"New token of {found.full_name}"
    return render_form(request, form, title=title, verb="Make token", refusal=refusal, **context)


def _revoke_tokens(request: HttpRequest, token_ids: list[int]) -> HttpResponse:
    """Revoke the chosen tokens, each by its own command."""
    ctx = context_of(request)
    for token_id in token_ids[:100]:
        commands.revoke_token(ctx.keyed(str(token_id)), RevokeToken(token_id))
    return go(request, reverse("platform_tokens"))


TOKENS = ListPage(
    name="platform.tokens",
    title="API tokens",
    noun=("token", "tokens"),
    permission="platform.tokens",
    rows=queries.token_list,
    columns=TOKEN_COLUMNS,
    filters=[
        Choice("state", "State", [(s, s) for s in ("active", "expired", "revoked", "owner disabled")], promoted=True)
    ],
    tabs=[Tab("Active", "state=active"), Tab("All", "")],
    sort="expires_at",
    search="Name, id or owner",
    batch=[Batch("revoke", "Revoke", "platform.tokens", _revoke_tokens, confirm="Revoke these tokens at once?")],
    empty=Empty("No tokens", "Keys with which other systems call the API. Make one on the page of its owner."),
)

AUDIT = ListPage(
    name="platform.audit",
    title="Audit trail",
    noun=("command", "commands"),
    permission="platform.audit",
    rows=queries.audit_list,
    columns=[
        Column("id", "No.", kind="code", sort=True),
        Column("recorded_at", "Recorded", kind="datetime", sort=True),
        Column("actor", "Who", sort=True),
        Column("command", "What", sort=True, value=lambda r: said(r.command)),
        Column("subject", "About", value=lambda r: named(r.subject)),
        Column("occurred_at", "Happened", kind="datetime", hidden=True),
        Column("device", "Device"),
        Column("address", "Address", kind="code", hidden=True),
        Column("code", "Command", kind="code", hidden=True, value=lambda r: r.command),
        Column("reference", "Reference", kind="code", hidden=True, value=lambda r: r.subject),
    ],
    filters=[
        DateRange("recorded_at", "Recorded", promoted=True),
        Text("actor", "Who", promoted=True),
        Text("command", "What", promoted=True),
        Text("subject", "About"),
        Text("device", "Device"),
    ],
    sort="-id",
    search="Command, record, person or device",
)

REFUSALS = ListPage(
    name="platform.refusals",
    title="Refusals",
    noun=("refusal", "refusals"),
    permission="platform.audit",
    rows=queries.refusal_list,
    columns=[
        Column("recorded_at", "When", kind="datetime", sort=True),
        Column("actor", "Who", sort=True),
        Column("command", "Wanted", sort=True, value=lambda r: said(r.command)),
        Column("code", "Refused as", kind="code", sort=True),
        Column("message", "Because", wide=True),
        Column("address", "Address", kind="code", hidden=True),
    ],
    filters=[
        DateRange("recorded_at", "When", promoted=True),
        Text("actor", "Who", promoted=True),
        Text("command", "Wanted"),
        Text("code", "Refused as", promoted=True),
    ],
    sort="-recorded_at",
    search="Command, reason or person",
)


def _retry(request: HttpRequest, event_ids: list[int]) -> HttpResponse:
    return perform(
        request, commands.retry_events, RetryEvents(event_ids), to=reverse("platform_events"), toast="Will be retried"
    )


EVENTS = ListPage(
    name="platform.events",
    title="Undelivered events",
    noun=("event", "events"),
    permission="platform.outbox",
    rows=queries.event_list,
    columns=[
        Column("id", "No.", kind="number", sort=True),
        Column("kind", "Event", kind="code", sort=True),
        Column("state", "State", kind="state", sort=True, marks={"parked": "bad", "retrying": "warn"}),
        Column("attempts", "Tries", kind="number", sort=True),
        Column("reason", "Because", wide=True),
        Column("occurred_at", "Happened", kind="datetime", sort=True),
        Column("next_try_at", "Next try", kind="datetime"),
    ],
    filters=[Choice("state", "State", [(s, s) for s in ("parked", "retrying", "waiting")], promoted=True)],
    tabs=[Tab("Parked", "state=parked"), Tab("All", "")],
    sort="id",
    search="Event or reason",
    batch=[Batch("retry", "Retry", "platform.outbox", _retry)],
    empty=Empty("Everything is delivered", "Facts that later stages could not take in yet wait here with the reason."),
)

urlpatterns = [
    path("sign-in", sign_in, name="sign_in"),
    path("sign-out", sign_out, name="sign_out"),
    path("password", change_password, name="change_password"),
    path("people", USERS.view, name="platform_users"),
    path("people/new", new_user, name="platform_user_new"),
    path("people/<int:user_id>", user, name="platform_user"),
    path("people/<int:user_id>/change", change_user, name="platform_user_change"),
    path("people/<int:user_id>/roles", grant_role, name="platform_role_grant"),
    path("people/<int:user_id>/roles/revoke", revoke_role, name="platform_role_revoke"),
    path("people/<int:user_id>/tokens/new", new_token, name="platform_token_new"),
    path("tokens", TOKENS.view, name="platform_tokens"),
    path("audit", AUDIT.view, name="platform_audit"),
    path("refusals", REFUSALS.view, name="platform_refusals"),
    path("events", EVENTS.view, name="platform_events"),
]

NAV = [
    NavItem("Data and setup", "People", "platform_users", permission="platform.users", order=800),
    NavItem("Data and setup", "API tokens", "platform_tokens", permission="platform.tokens", order=810),
    NavItem("Data and setup", "Audit trail", "platform_audit", permission="platform.audit", order=820),
    NavItem("Data and setup", "Refusals", "platform_refusals", permission="platform.audit", order=830),
    NavItem("Data and setup", "Undelivered events", "platform_events", permission="platform.outbox", order=840),
]
