"""Cartons: the list, one carton with its weights and labels, and the rules by which packing is proved."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.fulfilment import commands, queries_labels, queries_packing, queries_slips
from flowrack.fulfilment.queries_packing import CartonRow, PackRuleRow
from flowrack.fulfilment.states import CHECKED_WORDS
from flowrack.fulfilment.types import AlreadyPacked
from flowrack.fulfilment.types_packing import (
    CARTON,
    AcceptWeight,
    BadPackRule,
    PackRuleOf,
    PrintCartonLabels,
    RepackLine,
    RepackUnits,
    SetPackRules,
    WeighCarton,
)
from flowrack.fulfilment.types_slips import PrintSlips
from flowrack.labels import documents
from flowrack.platform.http import caller_of, now
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridColumn, GridForm
from flowrack.platform.web.listing import Choice, Column, DateRange, Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Document, Fact, Record, Table, render_record
from flowrack.platform.web.render import ask, perform, render_form
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.refs import ref

MARKS = {"packed": "ok", "shipped": "ok", "unpacked": "wait", "ok": "ok", "off": "bad", "accepted": "warn"} | {
    "unknown": "wait"
}
SETUP, RULES_TITLE = "fulfilment.setup", "Packing rules"
LABELS = ["not printed", "printed", "not scanned", "scanned"]


def _full(row: CartonRow) -> str:
    return "" if row.filled is None else f"{row.filled // 10} %"


CARTONS = ListPage(
    name="fulfilment.cartons",
    title="Cartons",
    noun=("carton", "cartons"),
    permission="fulfilment.view",
    rows=queries_packing.carton_list,
    columns=[
        Column("sscc", "SSCC", kind="code", sort="id", link=lambda r: reverse("carton", args=[r.id])),
        Column("order", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("customer", "Customer", sort=True, wide=True),
        Column("state", "State", kind="state", marks=MARKS),
        Column("carton_type", "Carton", kind="code"),
        Column("planned_type", "Planned", kind="code"),
        Column("filled", "Filled", sort=True, value=_full),
        Column("weight_g", "Weight, g", kind="number", sort=True, value=lambda r: r.weight_g or None),
        Column("expected_g", "Expected, g", kind="number"),
        Column("weight_state", "Weighed", kind="state", marks=MARKS),
        Column("label", "Label", sort=True),
        Column("packed_by", "Packed by", hidden=True),
        Column("packed_at", "Packed", kind="datetime", sort=True),
        Column("site", "Site"),
    ],
    filters=[
        Choice("state", "State", [(one, one.capitalize()) for one in ("packed", "shipped", "unpacked")], promoted=True),
        Choice("weight_state", "Weighed", [(one, one.capitalize()) for one in ("ok", "off", "accepted", "unknown")]),
        Choice("label", "Label", [(one, one.capitalize()) for one in LABELS], promoted=True),
        DateRange("packed_at", "Packed", promoted=True),
    ],
    sort="-id",
    search="SSCC, order or customer",
    row_id=lambda r: int(r.id),
    empty=Empty("No cartons yet", "Cartons that packers closed stand here, with what they weigh and their labels."),
)

CONTENT = [
    Column("line_no", "#", kind="number"),
    Column("sku", "Item", kind="code"),
    Column("name", "Name", wide=True),
    Column("lot", "Lot", kind="code"),
    Column("units", "Units", kind="number"),
]
WEIGHINGS = [
    Column("weighed_at", "Weighed", kind="datetime"),
    Column("weight_g", "Scale, g", kind="number"),
    Column("expected_g", "Expected, g", kind="number"),
    Column("tolerance_g", "May differ by, g", kind="number"),
    Column("state", "Result", kind="state", marks=MARKS),
    Column("reason", "Why it may go"),
    Column("weighed_by", "By"),
]
PRINTS = [
    Column("printed_at", "Printed", kind="datetime", link=lambda r: reverse("label_print_pdf", args=[r.id])),
    Column("spec", "Spec", kind="code", link=lambda r: reverse("label_spec", args=[r.version_id])),
    Column("version", "Version", kind="number"),
    Column("copies", "Copies", kind="number"),
    Column("copy_of", "Print", kind="number"),
    Column("printed_by", "By"),
    Column("scanned_at", "Scanned back", kind="datetime"),
]


def _seen(request: HttpRequest, carton_id: int, permission: str = "fulfilment.view") -> CartonRow:
    caller = caller_of(request)
    return queries_packing.access_carton(carton_id, caller.sites(permission) if caller else frozenset())


def _still_here(row: CartonRow) -> CartonRow:
    """The carton, unless it was opened or has left: nobody fills in a form that is refused then."""
    if row.state != "packed":
        raise AlreadyPacked(f"Carton {row.sscc} is {row.state}.", fix="What has left comes back as a return.")
    return row


@page("fulfilment.view", methods=("GET", "HEAD"))
def carton(request: HttpRequest, carton_id: int) -> HttpResponse:
    """One carton: content, weights, labels."""
    row = _seen(request, carton_id)
    content, prints = queries_packing.content_of(carton_id), queries_packing.prints_of(carton_id)
    actions = []
    if row.state == "packed":
        actions = [
            Do("Move units", reverse("carton_repack", args=[carton_id]), "fulfilment.pack", post=False, key="m"),
            Do("Weigh", reverse("carton_weigh", args=[carton_id]), "fulfilment.pack", post=False, key="g"),
            Do("Reprint" if prints else "Print label", reverse("carton_print", args=[carton_id]), "fulfilment.pack",
               primary=row.weight_state != "off", key="p"),
        ]  # fmt: skip
        actions.append(Do("Print slip", reverse("carton_slip", args=[carton_id]), "fulfilment.pack", key="l"))
        if row.weight_state == "off":
            url = reverse("carton_accept", args=[carton_id])
            actions.append(Do("Accept weight", url, "fulfilment.accept_weight", post=False, primary=True))
    if row.state == "shipped":
        actions = [
            Do("Print label again", reverse("carton_print_again", args=[carton_id]), "fulfilment.pack", post=False)
        ]
    record = Record(
        title=row.sscc,
        subtitle=f"for {row.customer}",
        subject=ref(CARTON, carton_id),
        site_id=row.site_id,
        state=row.state,
        marks=MARKS,
        back=("Cartons", reverse("fulfilment_cartons")),
        facts=[
            Fact("Order", row.order, "code", url=reverse("sales_order", args=[row.order_id])),
            Fact("Carton", row.carton_type or "not said", note=_planned(row)),
            Fact("Filled", _full(row) or "not known"),
            Fact("Weight", f"{row.weight_g:,} g" if row.weight_g else "not weighed", note=_expected(row),
                 tone="bad" if row.weight_state == "off" else ""),
            Fact("Label", row.label),
            Fact("Content", CHECKED_WORDS[row.checked], note=f"by {row.packed_by}" if row.checked else ""),
            Fact("Packed by", row.packed_by, note=row.packed_at),
        ],
        actions=actions,
        tables=[
            Table("Content", CONTENT, content, totals={"units": sum(one.units for one in content)}),
            Table("Weighings", WEIGHINGS, queries_packing.weighings_of(carton_id), empty="It was not weighed."),
            Table("Labels", PRINTS, prints, empty="No label was printed."),
        ],
        documents=[
            Document("Label", reverse("carton_label", args=[carton_id]),
                     "PDF" if prints and not _is_kept_back(row) else "PDF to look at, without bar codes"),
            *(Document("Packing slip", reverse("label_print_pdf", args=[one.id]), f"{one.spec}, print {one.copy_of}",
                       one.printed_at) for one in queries_slips.prints_of([row.order_id])[:3]),
        ],
    )  # fmt: skip
    return render_record(request, record)


def _planned(row: CartonRow) -> str:
    return f"{row.planned_type} was planned" if row.planned_type and row.planned_type != row.carton_type else ""


def _expected(row: CartonRow) -> str:
    return f"{row.expected_g:,} g expected" if row.expected_g else ""


def _is_kept_back(row: CartonRow) -> bool:
    """Whether the carton gets no label now, though it had one: it was weighed again and is off."""
    return row.state == "packed" and row.weight_state == "off"


@page("fulfilment.view", methods=("GET", "HEAD"))
def carton_label(request: HttpRequest, carton_id: int) -> HttpResponse:
    """The label of a carton as it was printed last; as it would be, and marked so, when it was not or may not be."""
    row = _seen(request, carton_id)
    prints = queries_packing.prints_of(carton_id)
    if prints and not _is_kept_back(row):
        content = documents.printed_pdf(prints[0])
    else:
        clock.at_own_site(row.site_id)
        content = documents.unprinted_pdf(queries_labels.label_values([carton_id])[carton_id], on=now().date())
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{row.sscc}.pdf"'}
    )


@page("fulfilment.pack", methods=("POST",))
def print_label(request: HttpRequest, carton_id: int) -> HttpResponse:
    """Print the label of a carton."""
    return perform(
        request, commands.print_carton_labels, PrintCartonLabels([carton_id]), to=reverse("carton", args=[carton_id]),
        toast=lambda done: "Label printed" if done.prints[0].copy_of == 1 else f"Print {done.prints[0].copy_of}",
    )  # fmt: skip


@page("fulfilment.pack")
def print_again(request: HttpRequest, carton_id: int) -> HttpResponse:
    """Print the label of a carton that has left once more, with the reason."""
    row = _seen(request, carton_id, "fulfilment.pack")
    return ask(
        request, AcceptForm(request.POST or None), commands.print_carton_labels,
        lambda said: PrintCartonLabels([carton_id], reason=said["reason"]),
        title=f"Print the label of {row.sscc} again",
        sub="The carton has left. Two labels with one number go round until the other one is destroyed.",
        back=(row.sscc, reverse("carton", args=[carton_id])), toast="Label printed",
    )  # fmt: skip


@page("fulfilment.pack", methods=("POST",))
def print_slip(request: HttpRequest, carton_id: int) -> HttpResponse:
    """Print the packing slip of the carton's order."""
    row = _seen(request, carton_id, "fulfilment.pack")
    return perform(
        request, commands.print_packing_slips, PrintSlips([row.order_id]), to=reverse("carton", args=[carton_id]),
        toast=lambda done: f"Packing slip of {row.order} printed",
    )  # fmt: skip


class WeighForm(forms.Form):
    """What the scale says."""

    weight_g = forms.IntegerField(label="Scale says, g", min_value=1, max_value=2_000_000)


class AcceptForm(forms.Form):
    """Why a weight may be off."""

    reason = forms.CharField(max_length=200, help_text="Kept with the carton.")


class RepackForm(forms.Form):
    """Where units go, and how many of each line."""

    to = forms.TypedChoiceField(label="Into", coerce=int)
    carton_type = forms.CharField(label="Carton type of a new one", max_length=20, required=False)

    def __init__(self, *args: object, row: CartonRow, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        others = [one for one in queries_packing.cartons_of_orders([row.order_id]) if one.id != row.id]
        self.fields["to"].choices = [(0, "a new carton"), *((one.id, one.sscc) for one in others)]  # type: ignore[attr-defined]
        self.inside = queries_packing.content_of(row.id)
        for n, one in enumerate(self.inside):
            self.fields[f"units_{n}"] = forms.IntegerField(
                label=f"{one.sku} {one.name}{', lot ' + one.lot if one.lot else ''}", required=False, min_value=0,
                max_value=one.units, help_text=f"of {one.units:,}",
            )  # fmt: skip

    def lines(self) -> list[RepackLine]:
        """The units that were said."""
        said = [(one, self.cleaned_data.get(f"units_{n}") or 0) for n, one in enumerate(self.inside)]
        return [RepackLine(one.line_id, units, one.lot_id) for one, units in said if units]


@page("fulfilment.pack")
def weigh(request: HttpRequest, carton_id: int) -> HttpResponse:
    """Write down a weight."""
    row = _still_here(_seen(request, carton_id, "fulfilment.pack"))
    return ask(
        request, WeighForm(request.POST or None), commands.weigh_carton,
        lambda said: WeighCarton(carton_id, said["weight_g"]), title="Weigh carton",
        back=(row.sscc, reverse("carton", args=[carton_id])),
        toast=lambda done: {"ok": "Weight is right", "off": "Weight is off"}.get(done.state, "Weight kept"),
    )  # fmt: skip


@page("fulfilment.accept_weight")
def accept(request: HttpRequest, carton_id: int) -> HttpResponse:
    """Let a carton go whose weight is off."""
    row = _still_here(_seen(request, carton_id, "fulfilment.accept_weight"))
    return ask(
        request, AcceptForm(request.POST or None), commands.accept_weight,
        lambda said: AcceptWeight(carton_id, said["reason"]), title="Accept weight",
        back=(row.sscc, reverse("carton", args=[carton_id])), sub=_expected(row), toast="Weight accepted",
    )  # fmt: skip


@page("fulfilment.pack")
def repack(request: HttpRequest, carton_id: int) -> HttpResponse:
    """Move units to another carton of the order, or into a new one."""
    row = _still_here(_seen(request, carton_id, "fulfilment.pack"))
    form = RepackForm(request.POST or None, row=row)
    return ask(
        request, form, commands.repack_units,
        lambda said: RepackUnits(carton_id, form.lines(), said["to"], said["carton_type"]), title="Move units",
        back=(row.sscc, reverse("carton", args=[carton_id])), sub="Both cartons are weighed and labelled anew.",
        toast=lambda done: f"{done.units:,} moved",
    )  # fmt: skip


GRID = [
    GridColumn("site", "Site", code=True, placeholder="all"),
    GridColumn("customer", "Customer", code=True, placeholder="all"),
    GridColumn("tolerance_permille", "Weight may differ by, ‰", kind="number", placeholder="20"),
    GridColumn("least_g", "At least by, g", kind="number", placeholder="10"),
    GridColumn("must_weigh", "Must be weighed", options=["yes"]),
    GridColumn("prints_slip", "Slip with the last carton", options=["yes"]),
    GridColumn("unchecked_reason", "Content not checked, because", placeholder="it is checked"),
]


def _rows(rules: list[PackRuleRow]) -> list[dict[str, str]]:
    return [
        {
            "site": one.site,
            "customer": one.customer,
            "tolerance_permille": str(one.tolerance_permille),
            "least_g": str(one.least_g),
            "must_weigh": "yes" if one.must_weigh else "",
            "prints_slip": "yes" if one.prints_slip else "",
            "unchecked_reason": one.unchecked_reason,
        }
        for one in rules
    ]


def _read(rows: list[dict[str, str]], sites: dict[str, int]) -> tuple[list[PackRuleOf], list[BadLine]]:
    rules, bad = [], []
    for n, row in enumerate(rows, 1):
        numbers = {}
        for name, usual in (("tolerance_permille", 20), ("least_g", 10)):
            text = row[name] or str(usual)
            if text.isascii() and text.isdigit() and len(text) < 7:
                numbers[name] = int(text)
            else:
                bad.append(BadLine(n, name, f"“{text}” is no whole number.", "Write digits only."))
        if row["site"] and row["site"] not in sites:
            bad.append(BadLine(n, "site", f"There is no site {row['site']}.", "Leave it empty for all."))
        elif len(numbers) == 2:
            must_weigh, prints_slip = (row[name].lower() == "yes" for name in ("must_weigh", "prints_slip"))
            reason = row["unchecked_reason"]
            rules.append(
                PackRuleOf(
                    sites.get(row["site"], 0), row["customer"], numbers["tolerance_permille"], numbers["least_g"],
                    must_weigh, not reason, prints_slip, reason,
                )
            )  # fmt: skip
    return rules, bad


@page(SETUP)
def rules(request: HttpRequest) -> HttpResponse:
    """How packing is proved: all rules in one grid."""
    posted = request.POST if request.method == "POST" else None
    grid = GridForm(GRID, posted, initial=_rows(queries_packing.pack_rules()), blank=3)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, None, title=RULES_TITLE, verb="Save", refusal=refusal,
            back=("Cartons", reverse("fulfilment_cartons")),
            sub="The most exact rule holds: customer and site, customer, site, all. Without one: 2 %, 10 g at least."
            " The content of a carton is scanned or counted before it is closed, unless a rule says why not.",
            template="patterns/grid.html", grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if posted is None:
        return drawn()
    said, bad = _read(grid.rows, {code: site_id for site_id, code in queries_packing.known_sites().items()})
    if bad:
        return drawn(BadPackRule("This cannot be kept.", lines=bad))
    return perform(
        request, commands.set_pack_rules, SetPackRules(said), to=reverse("fulfilment_pack_rules"), toast="Rules saved",
        again=drawn,
    )  # fmt: skip


NAV = [
    NavItem("Outbound", "Pack station", "pack_station", permission="fulfilment.pack", order=34, section="Warehouse"),
    NavItem("Outbound", "Cartons", "fulfilment_cartons", permission="fulfilment.view", order=35, section="Warehouse"),
    NavItem("Data and setup", RULES_TITLE, "fulfilment_pack_rules", permission=SETUP, order=64),
]

urlpatterns = [
    path("cartons", CARTONS.view, name="fulfilment_cartons"),
    path("cartons/<int:carton_id>", carton, name="carton"),
    path("cartons/<int:carton_id>/label.pdf", carton_label, name="carton_label"),
    path("cartons/<int:carton_id>/print", print_label, name="carton_print"),
    path("cartons/<int:carton_id>/print-again", print_again, name="carton_print_again"),
    path("cartons/<int:carton_id>/slip", print_slip, name="carton_slip"),
    path("cartons/<int:carton_id>/weigh", weigh, name="carton_weigh"),
    path("cartons/<int:carton_id>/accept-weight", accept, name="carton_accept"),
    path("cartons/<int:carton_id>/repack", repack, name="carton_repack"),
    path("pack-rules", rules, name="fulfilment_pack_rules"),
]
