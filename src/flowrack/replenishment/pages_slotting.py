"""Pages of slotting: suggestions with their pay-back, accept, reject, look again."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import queries as locations
from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Choice, Column, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, render_record
from flowrack.platform.web.render import ask, perform, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.replenishment import commands_slotting as commands
from flowrack.replenishment import queries_slotting
from flowrack.replenishment.queries_slotting import SlotLine
from flowrack.replenishment.states import SlotState
from flowrack.replenishment.types import SUGGESTION
from flowrack.replenishment.types_slotting import AcceptSlot, RejectSlot, SuggestSlots
from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.refs import ref

VIEW, SLOT = "replenishment.view", "replenishment.slot"
MARKS = {"rejected": "", "replaced": "", "accepted": "ok"}


class LookForm(forms.Form):
    """Over which days to look, and how soon a move must pay."""

    days = forms.IntegerField(label="Look at the orders of the last", help_text="days", min_value=1, max_value=366)
    pays_within_days = forms.IntegerField(
        label="A move must have paid after", help_text="days", min_value=1, max_value=3_650
    )


class RejectForm(forms.Form):
    """Why not."""

    reason = forms.CharField(label="Why not?", max_length=200, help_text="It is not suggested again for 90 days.")


SLOTS = ListPage(
    name="replenishment.slots",
    title="Slotting",
    noun=("suggestion", "suggestions"),
    permission=VIEW,
    rows=queries_slotting.slot_page,
    columns=[
        Column("id", "No.", kind="code", sort=True, link=lambda r: reverse("replenishment_slot", args=[r.id])),
        Column("sku", "Item", kind="code", sort=True),
        Column("name", "Name", wide=True),
        Column("from_code", "From", kind="code", sort=True, value=lambda r: r.from_code or "the rack"),
        Column("to_code", "To", kind="code", sort=True),
        Column("swaps_sku", "Changes places with", kind="code", sort=True),
        Column("picks", "Order lines", kind="number", sort=True),
        Column("saved_seconds_a_day", "Saves a day, s", kind="number", sort=True, total=True),
        Column("move_seconds", "The move takes, s", kind="number", sort=True, total=True),
        Column("pays_in_days", "Has paid after, days", kind="number", sort=True, places=1),
        Column("picked_since", "Lines picked since", kind="number"),
        Column("saved_since", "Saved so far, s", kind="number", tone=lambda r: "ok" if r.has_paid else ""),
        Column("state", "State", kind="state", sort=True, marks=MARKS),
        Column("made_at", "Found", kind="datetime", sort=True, hidden=True),
        Column("decided_by", "Decided by", sort=True, hidden=True),
        Column("reason", "Because", hidden=True),
    ],
    filters=[Choice("state", "State", [(s.value, s.value) for s in SlotState], promoted=True)],
    tabs=[Tab("To decide", "state=open"), Tab("Accepted", "state=accepted"), Tab("Rejected", "state=rejected"),
          Tab("All", "")],
    sort="-saved_seconds_a_day",
    is_cards=True,
    search="Item or bin",
    actions=[Button("Look again", "replenishment_slots_look", permission=SLOT, primary=True, key="l")],
    empty=Empty("Nothing to move", "Items that would be walked to less from another face, with what the move takes.",
                "Look now", "replenishment_slots_look", SLOT),
)  # fmt: skip


def _site_id(request: HttpRequest) -> int:
    caller = caller_of(request)
    held = caller.sites(SLOT) if caller else frozenset()
    sites = [site for site in locations.sites() if 0 in held or site.site_id in held]
    chosen = viewer_of(request).site_id
    site = next((s for s in sites if s.site_id == chosen), sites[0] if sites else None)
    if site is None:
        raise NotFound("There is no site whose faces you may set.")
    return site.site_id


@page(SLOT)
def look(request: HttpRequest) -> HttpResponse:
    """Look which items belong in which faces."""
    site = locations.site(_site_id(request))
    form = LookForm(request.POST or None, initial={"days": 30, "pays_within_days": 30})

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Faces of {site.name}", verb="Look now", refusal=refusal,
            back=("Slotting", reverse("replenishment_slots")),
            sub="Compares the ways to the items' order lines from every face. Open suggestions are replaced.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands.suggest_slots,
        SuggestSlots(site.site_id, **form.cleaned_data),
        to=reverse("replenishment_slots"),
        toast=lambda done: f"{len(done.suggestion_ids)} suggested",
        again=drawn,
    )


def _seen(request: HttpRequest, suggestion_id: int) -> SlotLine:
    caller = caller_of(request)
    sites = caller.sites(VIEW) if caller else frozenset()
    row = queries_slotting.slot_line(suggestion_id)
    if row is None or (0 not in sites and row.site_id not in sites):
        raise NotFound(f"There is no suggestion with id {suggestion_id}.")
    return row


@page(VIEW)
def slot(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    """One suggestion, and why."""
    return _slot(request, suggestion_id)


def _slot(request: HttpRequest, suggestion_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    row = _seen(request, suggestion_id)
    other = f" {row.swaps_sku} takes its place." if row.swaps_sku else ""
    where = f"{row.sku} gets the face {row.to_code}, {row.min_units:,} to {row.max_units:,} units."
    decided = row.reason or row.decided_by
    record = Record(
        title=f"{row.sku} to {row.to_code}",
        subtitle=row.name,
        state=row.state,
        marks=MARKS,
        subject=ref(SUGGESTION, suggestion_id),
        site_id=row.site_id,
        back=("Slotting", reverse("replenishment_slots")),
        facts=[
            Fact("Now at", row.from_code or "the rack", "code" if row.from_code else "text"),
            Fact("Then at", row.to_code, "code"),
            *([Fact("Changes places with", row.swaps_sku, "code")] if row.swaps_sku else []),
            Fact("Order lines", row.picks, "number", note=f"in {row.days:,} days"),
            Fact("Saves a day", row.saved_seconds_a_day, "number", note="seconds"),
            Fact("The move takes", row.move_seconds, "number", note="seconds"),
            Fact("Has paid after", row.pays_in_days, "number", note="days"),
            *_measured(row),
            *([Fact("Decided", row.decided_at, "datetime", note=decided)] if row.decided_at else []),
        ],
        actions=[
            Do("Reject", reverse("replenishment_slot_reject", args=[row.id]), SLOT, post=False, key="r"),
            Do("Accept", reverse("replenishment_slot_accept", args=[row.id]), SLOT, primary=True, key="a",
               confirm=f"{where}{other} What lies there is to be carried over."),
        ]
        if row.state == SlotState.OPEN
        else [],
        why=[ref(SUGGESTION, suggestion_id)],
    )  # fmt: skip
    return render_record(request, record, refusal=refusal)


def _measured(row: SlotLine) -> list[Fact]:
    """What an accepted move has saved by the order lines that were picked from its place since."""
    if row.picked_since is None:
        return []
    paid = "it has paid" if row.has_paid else f"of the {row.move_seconds:,} that the move took"
    return [
        Fact("Picked from there since", row.picked_since, "number", note="order lines"),
        Fact("Saved so far", row.saved_since, "number", note=f"seconds, {paid}"),
    ]


@page(SLOT, methods=("POST",))
def accept(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    """The item gets the face."""
    return perform(
        request,
        commands.accept_slot,
        AcceptSlot(suggestion_id),
        to=reverse("replenishment_slot", args=[suggestion_id]),
        toast=lambda done: f"Accepted; {len(done.refill_ids)} carries planned",
        again=lambda refusal: _slot(request, suggestion_id, refusal),
    )


@page(SLOT)
def reject(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    """Not this move, and why."""
    row = _seen(request, suggestion_id)
    return ask(
        request,
        RejectForm(request.POST or None),
        commands.reject_slot,
        lambda data: RejectSlot(suggestion_id, data["reason"]),
        title=f"Leave {row.sku} where it is",
        back=(f"{row.sku} to {row.to_code}", reverse("replenishment_slot", args=[suggestion_id])),
        toast="Kept in mind",
    )


urlpatterns = [
    path("slotting", SLOTS.view, name="replenishment_slots"),
    path("slotting/look", look, name="replenishment_slots_look"),
    path("slotting/<int:suggestion_id>", slot, name="replenishment_slot"),
    path("slotting/<int:suggestion_id>/accept", accept, name="replenishment_slot_accept"),
    path("slotting/<int:suggestion_id>/reject", reject, name="replenishment_slot_reject"),
]
NAV = [NavItem("Stock", "Slotting", "replenishment_slots", permission=VIEW, order=38)]
