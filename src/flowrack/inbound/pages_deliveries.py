"""The page that receives all of an ASN at once: asks once, names the lines that need a decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.dock import queries_pages as dock_pages
from flowrack.dock.states import ASN, AsnState
from flowrack.inbound import commands_packs, queries_outlook
from flowrack.inbound.forms_deliveries import ReceiveAsnForm
from flowrack.inbound.queries_outlook import Outlook
from flowrack.inbound.types_deliveries import AsnReceived, Matter, ReceiveAsn
from flowrack.inbound.types_discrepancies import PackLine
from flowrack.locations import queries as locations
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.record import Do, Record, record_actions
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import key_of

SHOWN = 100  # of the lines that need a decision, and of those that are set apart


@page("inbound.receive")
def receive_asn(request: HttpRequest, asn_id: int) -> HttpResponse:
    """Receive all of an ASN that is not counted yet."""
    caller = caller_of(request)
    head = dock_pages.access_asn(asn_id, caller.sites("inbound.receive") if caller else frozenset())
    places = locations.of_role(head.site_id, ["receiving"], limit=200)
    form = ReceiveAsnForm(request.POST or None, places=[(str(p.location_id), p.code) for p in places])
    place_id = places[0].location_id if places else 0

    def draw(refusal: FlowrackError | None = None) -> HttpResponse:
        seen = queries_outlook.outlook(asn_id, place_id, now=now())
        return _draw(request, form, seen, refusal)

    if request.method == "POST" and form.is_valid():
        place_id = int(form.cleaned_data["place"])
        seen = queries_outlook.outlook(asn_id, place_id, now=now())
        answers = _answers(request, seen.matters)
        left = set(form.cleaned_data["leave"]) - {line.asn_line_id for line in answers}
        return perform(
            request,
            commands_packs.receive_asn,
            ReceiveAsn(asn_id, place_id, answers, sorted(left)),
            to=reverse("dock_asn", args=[asn_id]),
            toast=_words,
            again=draw,
        )
    return draw()


def _words(done: AsnReceived) -> str:
    more = [(done.held_units, "held"), (done.short_units, "short"), (done.left_lines, "lines left")]
    return ", ".join([f"{done.units:,} received", *(f"{count:,} {word}" for count, word in more if count)])


def _answers(request: HttpRequest, matters: Sequence[Matter]) -> list[PackLine]:
    """Lots and dates that a person typed for lines that lacked them."""
    found = []
    for line_id, units in {m.asn_line_id: m.units for m in matters if m.field in ("lot", "expires_on")}.items():
        lot = request.POST.get(f"lot_{line_id}", "").strip()[:60]
        text = request.POST.get(f"until_{line_id}", "").strip()
        try:
            until = date.fromisoformat(text) if text else None
        except ValueError:
            until = None  # the line is left out, and named again
        if lot or until:
            found.append(PackLine(line_id, units, lot=lot, expires_on=until))
    return found


def _draw(request: HttpRequest, form: ReceiveAsnForm, seen: Outlook, refusal: FlowrackError | None) -> HttpResponse:
    blocking = {m.asn_line_id: m for m in reversed(seen.blocking)}
    apart = [m for m in seen.matters if m.asn_line_id not in blocking]
    left = len(blocking)
    come = f"{seen.lines - left:,} of {seen.lines:,} lines" if left else f"all {seen.lines:,} lines"
    context: dict[str, Any] = {
        "sub": f"{seen.asn.supplier}, {seen.asn.reference}: {seen.packs:,} packs, {seen.units:,} units."
        f" As announced, {come} come in at once.",
        "verb": f"Receive {come}",
        "back": (seen.asn.number, reverse("dock_asn", args=[seen.asn.id])),
        "hidden": {"leave": ",".join(str(line_id) for line_id in sorted(blocking))},
        "blocking": _brief(request, sorted(blocking.values(), key=lambda m: m.line_no)),
        "blocking_more": max(left - SHOWN, 0),
        "apart": apart[:SHOWN],
        "apart_more": max(len(apart) - SHOWN, 0),
    }
    title = f"Receive all of {seen.asn.number}"
    return render_form(
        request, form, title=title, refusal=refusal, template="inbound/receive_asn.html", **context
    )  # fmt: skip


def _brief(request: HttpRequest, matters: Sequence[Matter]) -> list[tuple[Matter, str, str]]:
    """The first lines that need a decision, with what was typed for them."""
    return [
        (m, request.POST.get(f"lot_{m.asn_line_id}", ""), request.POST.get(f"until_{m.asn_line_id}", ""))
        for m in matters[:SHOWN]
    ]


def _on_asn(record: Record) -> list[Do]:
    if (AsnState(record.state), "receive") not in ASN:
        return []
    url = reverse("inbound_receive_asn", args=[key_of(record.subject)])
    return [Do("Receive all", url, "inbound.receive", post=False, key="r")]


record_actions("dock.asn", _on_asn)

urlpatterns = [path("asns/<int:asn_id>/receive", receive_asn, name="inbound_receive_asn")]
