"""Why one order line got what it got, in full: rank and scores, lots, the claims around it, and then against now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import queries_certificates, queries_now, queries_overrides
from flowrack.allocation.queries_certificates import CertificateView, ClaimThen
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.details import rule_in_words
from flowrack.platform.web.listing import Column
from flowrack.platform.web.record import Fact, Record, Table, render_record
from flowrack.platform.web.viewer import viewer_of
from flowrack.sales import queries as orders
from flowrack.shared.errors import NotFound
from flowrack.shared.refs import ref

PASSED = {"life": "too little life left", "lot": "not the lot that will do"}

SUPPLY_COLUMNS = [
    Column("lot", "Lot", kind="code", value=lambda r: r.lot or "no lot"),
    Column("expires_on", "Expires", kind="date"),
    Column("free", "Free then", kind="number"),
    Column("took", "This line took", kind="number", value=lambda r: r.took or None),
    Column("passed", "Passed over", wide=True, value=lambda r: PASSED.get(r.passed, r.passed)),
]
DIFFERENCE_COLUMNS = [
    Column("what", "What"),
    Column("then", "Then", wide=True),
    Column("now", "Now", wide=True),
    Column("is_changed", "", kind="chip", value=lambda r: "changed" if r.is_changed else "", tone=lambda r: "warn"),
]


def _claim_columns(view: CertificateView) -> list[Column]:
    """The claims with a column for each factor that counts, as far as the person may see it."""

    def points(name: str) -> Column:
        return Column(name, name.capitalize(), kind="number", value=lambda r: getattr(r.points, name))

    return [
        Column("rank", "Rank", kind="number"),
        Column("number", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("tier", "Tier", kind="tier"),
        Column("class_name", "Class"),
        *(points(name) for name in view.factors),
        *([Column("score", "Score", kind="number")] if view.shows_score and view.factors else []),
        Column("wanted", "Asked", kind="number"),
        Column("got", "Got", kind="number", value=lambda r: r.got or None),
        Column("standing", "", value=_standing),
    ]


def _standing(claim: ClaimThen) -> str:
    return "this line" if claim.is_ours else ""


@page("allocation.view", methods=("GET", "HEAD"))
def why(request: HttpRequest, line_id: int) -> HttpResponse:
    """The newest certificate of a line, and what has changed since."""
    caller, viewer = caller_of(request), viewer_of(request)
    order_id = orders.order_of_line(line_id)
    head = orders.access_order(order_id, caller.sites("allocation.view") if caller else frozenset())
    line = next(one for one in orders.lines_of(order_id) if one.line_id == line_id)
    view = queries_certificates.certificate_of(line_id, shows_margin=viewer.may("sales.see_margin", head.site_id))
    if view is None:
        raise NotFound(
            "No run has decided this line yet, or none since certificates are kept.",
            fix="Reserve stock for the order, then look again.",
        )
    changed = queries_now.then_and_now(view, now())
    ways = view.detail.get("change", [])
    ladder = f"{reverse('sales_order', args=[order_id])}?line={line_id}#ladder"
    record = Record(
        title=f"Why {head.number} line {line.line_no}",
        subtitle=f"{line.sku} for {head.customer}",
        subject=ref("sales.line", line_id),
        site_id=head.site_id,
        back=(head.number, reverse("sales_order", args=[order_id])),
        facts=[
            Fact("In one sentence", view.sentence),
            Fact("Decided", view.decided_at, "datetime", note=rule_in_words(view.rule)),
            Fact("Class", view.class_name, note=view.semantics),
            Fact("Rank", f"{view.rank} of {view.of}", note="among claims on the item"),
            *(
                Fact("Decided by hand", number, "code", url=reverse("allocation_override", args=[override_id]))
                for override_id, number in queries_overrides.overrides_of_line(line_id)
            ),
            *([Fact("Would have given it more", "; ".join(ways))] if ways else []),
            *([Fact("What would change it now", "tried beside its ladder", url=ladder)] if line.waiting else []),
            Fact("Inputs", view.inputs_hash[:16], "code", note="decided again, they give the same"),
        ],
        tables=[
            Table("Then and now", DIFFERENCE_COLUMNS, changed, is_cards=True),
            Table("Claims around it, in rank order", _claim_columns(view), view.claims, is_cards=True),
            Table(
                "Lots it looked at", SUPPLY_COLUMNS, view.supply, empty="Nothing of the item was free.", is_cards=True
            ),
        ],
        why={ref("sales.line", line_id): f"line {line.line_no}, {line.sku}"},
    )
    return render_record(request, record)


urlpatterns = [path("order-lines/<int:line_id>/why", why, name="allocation_why")]
