"""Pages of versions: what a PO was and is, how two versions differ, and changing an approved one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.approvals.steps import role_names
from flowrack.platform.http import caller_of, now
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.purchasing import commands_versions as commands
from flowrack.purchasing import queries_pages, queries_versions, rules_versions
from flowrack.purchasing.forms_versions import CHANGE_GRID, ChangeForm, WithdrawForm, read_change, rows_of
from flowrack.purchasing.queries import PoRecord
from flowrack.purchasing.states import TRANSITIONS, PoState
from flowrack.purchasing.types_versions import BadChange, RevisePos, WithdrawChanges
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

ORIGINS = {"order": "first approved", "change": "changed", "confirmation": "confirmed otherwise"}


def seen(request: HttpRequest, po_id: int) -> PoRecord:
    """The PO, if the viewer may see it."""
    caller = caller_of(request)
    return queries_pages.access_po(po_id, caller.sites("purchasing.view") if caller else frozenset())


def actions_of(found: PoRecord) -> list[Do]:
    """What the record page offers for changes."""
    may = (PoState(found.head.state), "revise") in TRANSITIONS
    url = reverse("purchasing_po_revise", args=[found.head.id])
    return [Do("Change order", url, "purchasing.create", post=False, key="e")] if may else []


def facts_of(found: PoRecord) -> list[Fact]:
    """Which version the record page shows, and what waits."""
    rows = queries_versions.versions(found.head.id) if found.approved_at else []
    if not rows:
        return []
    url = reverse("purchasing_po_versions", args=[found.head.id])
    current = next(v.version_no for v in rows if v.state == "approved")
    facts = [Fact("Version", current, "number", note=f"of {len(rows)}" if len(rows) > 1 else "", url=url)]
    if rows[0].state == "waiting":
        asked = queries_versions.changes_asked([found.head.id])[found.head.id]
        inbox = f"{reverse('approvals_inbox')}?tab=mine&request={asked.request_id}"
        facts.append(Fact(f"Version {rows[0].version_no}", "waits", note=role_names(asked.waits_for), url=inbox))
    return facts


VERSION_COLUMNS = [
    Column("version_no", "Version", kind="number"),
    Column("state", "State", kind="state"),
    Column("origin", "Why there is one", value=lambda r: ORIGINS[r.origin]),
    Column("reason", "Reason", value=lambda r: r.reason or r.end_reason, wide=True),
    Column("due_on", "Due", kind="date"),
    Column("line_count", "Lines", kind="number"),
    Column("units", "Units", kind="number"),
    Column("total", "Value", kind="money"),
    Column("written_by", "Written by"),
    Column("written_at", "Written", kind="datetime"),
    Column("decided_by", "Decided by"),
    Column("decided_at", "Decided", kind="datetime"),
]
DIFFERENCE_COLUMNS = [
    Column("line_no", "Line", kind="number", value=lambda r: r.line_no or None),
    Column("label", "What"),
    Column("field", "Field"),
    Column("before", "Before"),
    Column("after", "After", kind="chip", tone=lambda r: "warn" if r.is_exception else ""),
]


@page("purchasing.view")
def versions(request: HttpRequest, po_id: int) -> HttpResponse:
    """The versions of a PO, and how two of them differ."""
    found = seen(request, po_id)
    rows = queries_versions.versions(po_id)
    numbers = [v.version_no for v in rows]
    tables = [Table("Versions", VERSION_COLUMNS, rows, empty="A draft has no versions: its first is what is approved.")]
    after = _number(request, "to", numbers, numbers[0] if numbers else 0)
    before = _number(request, "from", numbers, next((n for n in numbers if n < after), after))
    if len(numbers) > 1:
        pair = queries_versions.two_versions(po_id, before, after)
        differences = rules_versions.differences(*pair)
        title = f"Version {before} to {after}"
        tables.insert(0, Table(title, DIFFERENCE_COLUMNS, differences, empty="These two say the same."))
    waits = bool(rows) and rows[0].state == "waiting"
    withdraw = reverse("purchasing_po_withdraw", args=[po_id])
    record = Record(
        title=found.head.number,
        subtitle=f"versions of {found.head.supplier}",
        subject=ref("purchasing.po", po_id),
        site_id=found.head.site_id,
        back=(found.head.number, reverse("purchasing_po", args=[po_id])),
        actions=[
            *([Do("Give the change up", withdraw, "purchasing.create", post=False)] if waits else []),
            *actions_of(found),
        ],
        tables=tables,
    )
    context: dict[str, Any] = {"numbers": numbers[::-1], "before": before, "after": after}
    return render_record(request, record, template="purchasing/versions.html", **context)


def _number(request: HttpRequest, name: str, known: list[int], default: int) -> int:
    text = request.GET.get(name, "")
    return read_id(text) if read_id(text) in known else default


@page("purchasing.create")
def change(request: HttpRequest, po_id: int) -> HttpResponse:
    """Change an approved PO: the new version asks for approval."""
    found = seen(request, po_id)
    one = queries_versions.as_they_stand([po_id], now=now())[po_id]
    head = {
        "version": found.version,
        "due_on": one.content.due_on,
        "supplier_reference": one.content.supplier_reference,
    }
    form = ChangeForm(request.POST or None, initial=head)
    grid = GridForm(CHANGE_GRID, request.POST or None, initial=rows_of(one), blank=4)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title=f"Change {found.head.number}",
            verb="Ask for the change",
            refusal=refusal,
            back=(found.head.number, reverse("purchasing_po", args=[po_id])),
            sub=f"{found.head.supplier}. Clear a row to drop its line; no line number adds one. What has come stays.",
            template="patterns/grid.html",
            grid=grid.with_refusal(refusal),
        )

    if request.method != "POST":
        return drawn()
    lines, bad = read_change(one, grid.rows)
    if bad or not form.is_valid():
        return drawn(BadChange("The change cannot be asked for yet.", lines=bad) if bad else None)
    return perform(
        request,
        commands.revise_pos,
        RevisePos([form.to_change(po_id, lines)]),
        to=reverse("purchasing_po", args=[po_id]),
        toast=lambda done: "Change waits" if done.versions[0].state == "waiting" else "Order changed",
        again=drawn,
    )


@page("purchasing.create")
def withdraw(request: HttpRequest, po_id: int) -> HttpResponse:
    """Give up a change that waits."""
    found = seen(request, po_id)
    form = WithdrawForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title=f"Give up the change of {found.head.number}",
            verb="Give it up",
            refusal=refusal,
            back=(found.head.number, reverse("purchasing_po", args=[po_id])),
            sub="The order stays as it was approved.",
        )

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands.withdraw_changes,
        WithdrawChanges([po_id], form.cleaned_data["reason"]),
        to=reverse("purchasing_po", args=[po_id]),
        toast="Change given up",
        again=drawn,
    )


urlpatterns = [
    path("purchase-orders/<int:po_id>/versions", versions, name="purchasing_po_versions"),
    path("purchase-orders/<int:po_id>/revise", change, name="purchasing_po_revise"),
    path("purchase-orders/<int:po_id>/revise/withdraw", withdraw, name="purchasing_po_withdraw"),
]
