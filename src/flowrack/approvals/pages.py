"""Pages of approvals: the inbox with one request in full, those who stand in, and the policies."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.approvals import commands, pages_inbox, queries_people, queries_policies
from flowrack.approvals import queries_pages as queries
from flowrack.approvals.forms import DelegateForm, PolicyForm
from flowrack.approvals.queries_policies import PolicyRow
from flowrack.approvals.types import KINDS, Decide, RevokeDelegation, Seen
from flowrack.platform.http import now
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.listing import (
    Batch,
    Button,
    Choice,
    Empty,
    ListPage,
    ListQuery,
    Page,
    Tab,
    memory_page,
)
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import context_of, go, perform, render_form, render_page, toast
from flowrack.platform.web.viewer import Viewer, viewer_of
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref


@page("approvals.view")
def inbox(request: HttpRequest, refusal: FlowrackError | None = None) -> HttpResponse:
    """What waits for one's verdict by deadline and money, and one of them in full."""
    context = pages_inbox.inbox(request)
    return render_page(
        request, "approvals/inbox.html", {**context, "refusal": refusal}, status=refusal.status if refusal else 200
    )


@page("approvals.decide", methods=("POST",))
def decide(request: HttpRequest) -> HttpResponse:
    """Approve or reject what was ticked or is open, as it was seen."""
    ids = [i for v in request.POST.getlist("ids") if (i := read_id(v))]
    seen = [Seen(i, request.POST.get(f"hash-{i}", "")) for i in ids]
    verdict = request.POST.get("verdict", "")
    return perform(
        request,
        commands.decide,
        Decide(seen, verdict, request.POST.get("reason", "")),
        to=reverse("approvals_inbox"),
        toast=lambda done: pages_inbox.told(done.requests, verdict),
        again=lambda refusal: inbox(request, refusal),
    )


def _end_many(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """End the chosen delegations."""
    for delegation_id in ids:
        commands.revoke_delegation(context_of(request).keyed(str(delegation_id)), RevokeDelegation(delegation_id))
    toast(request, f"{len(ids)} ended")
    return go(request, reverse("approvals_delegations"))


def _delegations(query: ListQuery) -> Page[Any]:
    rows = queries_people.delegation_lines(person_id=query.actor_id, at=now())
    return memory_page(query, rows, search=("from_name", "to_name"))


DELEGATIONS = ListPage(
    name="approvals.delegations",
    title="Standing in",
    noun=("delegation", "delegations"),
    permission="approvals.decide",
    rows=_delegations,
    columns=[
        Column("from_name", "For", sort=True),
        Column("to_name", "Stands in", sort=True),
        Column("state", "State", kind="state", sort=True, marks={"now": "run", "over": "ok", "later": "wait"}),
        Column("begins_at", "From", kind="datetime", sort=True),
        Column("until", "Until", kind="datetime", sort=True),
        Column("what", "For what", wide=True),
        Column("written_by", "Written by", hidden=True),
    ],
    filters=[Choice("state", "State", [("now", "Now"), ("later", "Later"), ("over", "Over")], promoted=True)],
    tabs=[Tab("Now and later", "state=now,later"), Tab("All", "")],
    sort="-until",
    search="Person",
    actions=[Button("Let somebody stand in", "approvals_delegate", "approvals.decide", primary=True, key="n")],
    batch=[Batch("end", "End now", "approvals.decide", _end_many)],
    empty=Empty(
        "Nobody stands in for anybody",
        "While you are away, a colleague decides in your place, and both names are kept.",
        "Let somebody stand in",
        "approvals_delegate",
        "approvals.decide",
    ),
)


@page("approvals.decide")
def delegate(request: HttpRequest) -> HttpResponse:
    """Let somebody stand in."""
    viewer = viewer_of(request)
    people = queries_people.deciders()
    form = DelegateForm(
        request.POST or None, people=people, me=viewer.user.pk, may_for_others=viewer.may("approvals.policy")
    )

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title="Let somebody stand in",
            verb="Let them stand in",
            refusal=refusal,
            back=("Standing in", reverse("approvals_delegations")),
            sub="At most 14 days. Both names are kept with every verdict.",
        )

    if request.method == "POST" and form.is_valid():
        return perform(
            request,
            commands.delegate,
            form.to_request(now()),
            to=reverse("approvals_delegations"),
            toast=f"{people.get(form.cleaned_data['to'], 'Somebody')} stands in",
            again=drawn,
        )
    return drawn()


POLICIES = ListPage(
    name="approvals.policies",
    title="Approval policies",
    noun=("policy", "policies"),
    permission="approvals.view",
    rows=lambda query: memory_page(query, queries_policies.newest(), search=("name", "code", "kind_label")),
    columns=[
        Column("name", "Policy", sort=True, link=lambda r: reverse("approvals_policy", args=[r.id])),
        Column("kind_label", "Document", sort=True),
        Column("state", "State", kind="state", sort=True, marks={"on": "ok", "off": "wait", "later": "run"}),
        Column("when", "When", wide=True),
        Column("asks", "Asks"),
        Column("version", "Version", kind="number", sort=True),
        Column("effective_from", "Since", kind="date", sort=True, value=lambda r: r.since),
        Column("written_by", "By", sort=True, hidden=True),
    ],
    filters=[Choice("state", "State", [("on", "On"), ("off", "Off"), ("later", "Later")], promoted=True)],
    sort="kind_label",
    search="Policy or document",
    actions=[Button("New policy", "approvals_policy_new", "approvals.policy", primary=True, key="n")],
    empty=Empty("No policies", "Nobody is asked.", "New policy", "approvals_policy_new", "approvals.policy"),
)  # fmt: skip


@page("approvals.view")
def policy(request: HttpRequest, policy_id: int) -> HttpResponse:
    """One policy as it is, its versions, and how to write the next."""
    found = queries_policies.policy(policy_id)
    history = queries_policies.versions(found.kind, found.code)
    top = history[0]
    change = reverse("approvals_policy_change", args=[top.id])
    record = Record(
        title=top.name,
        state=top.state,
        marks={"on": "ok", "off": "wait", "later": "run"},
        subject=ref("approvals.policy", found.id),
        back=(POLICIES.title, reverse("approvals_policies")),
        facts=[
            Fact("Document", top.kind_label),
            Fact("Version", top.version, "number"),
            Fact("Written by", top.written_by),
            Fact("Reason", top.reason),
        ],
        actions=[
            Do("Switch off" if top.is_active else "Switch on", f"{change}?turn=1", "approvals.policy", post=False),
            Do("New version", change, "approvals.policy", primary=True, post=False, key="e"),
        ],
        tables=[
            Table(
                "Versions",
                [
                    Column("version", "Version", kind="number"),
                    Column("when", "When", wide=True),
                    Column("asks", "Asks"),
                    Column("state", "State", kind="state", marks={"on": "ok", "off": "wait", "later": "run"}),
                    Column("effective_from", "From", kind="datetime", value=lambda r: r.since),
                    Column("written_by", "By"),
                    Column("reason", "Why"),
                ],
                history,
                note="A version is never edited. What waits keeps the steps that it was asked with.",
            )
        ],
    )
    return render_record(request, record)


@page("approvals.policy")
def new_policy(request: HttpRequest) -> HttpResponse:
    """A policy of one's own."""
    return _policy_form(request, PolicyForm(request.POST or None, kinds=KINDS), "New policy", None)


@page("approvals.policy")
def change_policy(request: HttpRequest, policy_id: int) -> HttpResponse:
    """The next version of a policy, beginning with the newest one; `turn` switches it on or off."""
    found = queries_policies.policy(policy_id)
    top = queries_policies.versions(found.kind, found.code)[0]
    form = PolicyForm(request.POST or None, kinds=KINDS, base=top, turned="turn" in request.GET)
    return _policy_form(request, form, f"{top.name}, version {top.version + 1}", top)


def _policy_form(request: HttpRequest, form: PolicyForm, title: str, base: PolicyRow | None) -> HttpResponse:
    back = (
        (base.name, reverse("approvals_policy", args=[base.id]))
        if base
        else (POLICIES.title, reverse("approvals_policies"))
    )

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=title, verb="Save version", refusal=refusal, back=back,
            template="approvals/policy_form.html", kinds=list(KINDS.values()),
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        return perform(
            request,
            commands.write_policy,
            form.to_request(),
            to=lambda done: reverse("approvals_policy", args=[done.policy_id]),
            toast="Version saved",
            again=drawn,
        )
    return drawn()


def waiting(viewer: Viewer) -> int:
    """Requests that wait for this person's verdict."""
    if not viewer.may("approvals.decide"):
        return 0
    sites = sorted(viewer.grants["approvals.decide"])
    return queries.waiting_for(viewer.user.pk, now(), site_ids=sites, limit=1).total


NAV = [
    NavItem("Work", "Inbox", "approvals_inbox", permission="approvals.view", order=10, keys="a", count=waiting),
    NavItem("Work", "Standing in", "approvals_delegations", permission="approvals.decide", order=200),
    NavItem("Data and setup", POLICIES.title, "approvals_policies", permission="approvals.view", order=90),
]

urlpatterns = [
    path("approvals", inbox, name="approvals_inbox"),
    path("approvals/decide", decide, name="approvals_decide"),
    path("approvals/delegations", DELEGATIONS.view, name="approvals_delegations"),
    path("approvals/delegations/new", delegate, name="approvals_delegate"),
    path("approvals/policies", POLICIES.view, name="approvals_policies"),
    path("approvals/policies/new", new_policy, name="approvals_policy_new"),
    path("approvals/policies/<int:policy_id>", policy, name="approvals_policy"),
    path("approvals/policies/<int:policy_id>/change", change_policy, name="approvals_policy_change"),
]
