"""Pages of planning: the worklist of purchase proposals, and why each is there."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import queries as locations
from flowrack.planning import commands, pages_orders, queries, queries_pages
from flowrack.planning.states import ProposalState
from flowrack.planning.types import DismissProposals, OrderProposals, ProposalToOrder, Propose, RequestProposals
from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page, refused
from flowrack.platform.web.format import moment
from flowrack.platform.web.listing import Batch, Button, Choice, Column, Empty, ListPage, NumberRange, Tab, Text
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Fact, Record, render_record
from flowrack.platform.web.render import perform, render_page
from flowrack.platform.web.viewer import Viewer, viewer_of
from flowrack.purchasing.forms import CoverReasonForm
from flowrack.purchasing.forms_cover import ask_on_top, on_top_form
from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.refs import ref


def _order(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """The ticked proposals become drafts; in spite of goods that came under way only with a reason."""
    form = on_top_form(request, ids)
    return perform(
        request,
        commands.order_proposals,
        OrderProposals([ProposalToOrder(i) for i in ids], cover_reason=form.reason),
        to=lambda done: (
            reverse("purchasing_po", args=[done.po_ids[0]]) if len(done.po_ids) == 1 else reverse("purchasing_pos")
        ),
        toast=lambda done: f"{len(done.po_ids)} drafts written",
        again=_on_top(request, form, "order", "Write drafts"),
    )


def _request(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """The ticked proposals become requisitions; in spite of goods that came under way only with a reason."""
    form = on_top_form(request, ids)
    return perform(
        request,
        commands.request_proposals,
        RequestProposals([ProposalToOrder(i) for i in ids], "Runs low, proposed by planning", form.reason),
        to=lambda done: (
            reverse("purchasing_requisition", args=[done.requisition_ids[0]])
            if len(done.requisition_ids) == 1
            else reverse("purchasing_requisitions") + "?state=requested"
        ),
        toast=lambda done: f"{len(done.requisition_ids)} requisitions written",
        again=_on_top(request, form, "request", "Ask for them"),
    )


def _on_top(
    request: HttpRequest, form: CoverReasonForm, batch: str, verb: str
) -> Callable[[FlowrackError], HttpResponse]:
    """What draws a refusal of ticked proposals, which stay ticked."""
    return ask_on_top(
        request,
        form,
        lambda refusal: refused(request, refusal),
        title=f"{verb} on top",
        verb=verb,
        back=("Replenish", reverse("planning_proposals")),
        hidden={"batch": batch},
    )


def _dismiss(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """The ticked proposals leave the worklist."""
    return perform(
        request,
        commands.dismiss_proposals,
        DismissProposals(ids, "dismissed on the worklist"),
        to=reverse("planning_proposals"),
        toast=lambda done: f"{done.count} dismissed",
    )


def _looked(viewer: Viewer) -> str:
    """When somebody looked last: nothing looks by itself."""
    at = queries_pages.last_looked(viewer.site_id)
    return f"Looked at last {moment(at)}." if at else "Nobody has looked yet what runs low; it is done by hand."


PROPOSALS = ListPage(
    name="planning.proposals",
    title="Replenish",
    noun=("proposal", "proposals"),
    permission="planning.view",
    rows=queries_pages.proposal_page,
    columns=[
        Column("sku", "Item", kind="code", sort=True, link=lambda r: reverse("planning_proposal", args=[r.id])),
        Column("name", "Name", sort=True, wide=True),
        Column("supplier", "Supplier", sort=True),
        Column("site", "Site", kind="code", sort=True),
        Column("units", "Propose", kind="number", sort=True),
        Column("position_units", "Position", kind="number", sort=True),
        Column("reorder_point", "Reorder at", kind="number", sort=True),
        Column("order_up_to", "Up to", kind="number", sort=True),
        Column("value", "Value", kind="money", sort=True, total=True),
        Column("state", "State", kind="state", sort=True, hidden=True),
        Column(
            "po_number",
            "Order",
            kind="code",
            link=lambda r: reverse("purchasing_po", args=[r.po_id]) if r.po_id else None,
        ),
        Column("requisition", "Requisition", kind="code", hidden=True),
        Column("proposed_at", "Proposed", kind="datetime", sort=True, hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, s.value) for s in ProposalState]),
        Text("supplier", "Supplier", promoted=True),
        NumberRange("value", "Value", promoted=True),
    ],
    tabs=[Tab("To decide", "state=open"), Tab("Ordered", "state=ordered"), Tab("All", "")],
    sort="supplier,sku",
    search="Item or supplier",
    sub=_looked,
    actions=[Button("Look again", "planning_run", permission="planning.run", primary=True, key="l")],
    batch=[
        Batch("order", "Write drafts", "purchasing.create", _order),
        Batch("request", "Ask for them", "purchasing.request", _request),
        Batch("dismiss", "Dismiss", "planning.run", _dismiss),
    ],
    empty=Empty(
        "Nothing to decide",
        "Items that were under their reorder point when somebody looked last, with the reason.",
        "Look now",
        "planning_run",
        "planning.run",
    ),
)


@page("planning.run")
def run(request: HttpRequest) -> HttpResponse:
    """Look at the items of the site and fill the worklist."""
    caller = caller_of(request)
    held = caller.sites("planning.run") if caller else frozenset()
    sites = [site for site in locations.sites() if 0 in held or site.site_id in held]
    chosen = viewer_of(request).site_id
    site = next((s for s in sites if s.site_id == chosen), sites[0] if sites else None)
    if site is None:
        raise NotFound("There is no site to plan for.")
    if request.method == "POST":
        return perform(
            request,
            commands.propose,
            Propose(site.site_id),
            to=reverse("planning_proposals") + "?state=open",
            toast=lambda done: f"{len(done.proposal_ids)} proposed",
        )
    context = {
        "title": "Look again",
        "sub": f"Looks at every item of {site.name} that a supplier sells. Open proposals are replaced.",
        "verb": "Look now",
        "back": ("Replenish", reverse("planning_proposals")),
    }
    return render_page(request, "patterns/form.html", context)


@page("planning.view")
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """One proposal and why it is there."""
    caller = caller_of(request)
    sites = sorted(caller.sites("planning.view")) if caller else []
    found = queries.proposals(site_ids=sites or [-1], state="", after=proposal_id - 1, limit=1)
    if not found or found[0].id != proposal_id:
        raise NotFound(f"There is no proposal with id {proposal_id}.")
    row, subject = found[0], ref("planning.proposal", proposal_id)
    record = Record(
        title=row.sku,
        subtitle=row.name,
        state=row.state,
        subject=subject,
        back=("Replenish", reverse("planning_proposals")),
        facts=[
            Fact("Propose", row.units, "number"),
            Fact("Supplier", row.supplier),
            Fact("Position", row.position_units, "number"),
            Fact("Reorder at", row.reorder_point, "number"),
            Fact("Up to", row.order_up_to, "number"),
            Fact("Value", row.value, "money"),
            *(
                [Fact("Order", row.po_number, "code", url=reverse("purchasing_po", args=[row.po_id]))]
                if row.po_id
                else []
            ),
            *(
                [
                    Fact(
                        "Requisition",
                        row.requisition,
                        "code",
                        url=reverse("purchasing_requisition", args=[row.requisition_id]),
                    )
                ]
                if row.requisition_id
                else []
            ),
        ],
        why=[subject],
    )
    return render_record(request, record)


urlpatterns = [
    *pages_orders.urlpatterns,
    path("replenish", PROPOSALS.view, name="planning_proposals"),
    path("replenish/run", run, name="planning_run"),
    path("replenish/<int:proposal_id>", proposal, name="planning_proposal"),
]
NAV = [*pages_orders.NAV, NavItem("Inbound", "Replenish", "planning_proposals", permission="planning.view", order=15)]
