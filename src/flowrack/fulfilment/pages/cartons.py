"""The cartons that packers take: list, and all of them in one grid."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.fulfilment import commands, queries_cartons
from flowrack.fulfilment.queries_cartons import CartonTypeRow, PlannedRow
from flowrack.fulfilment.types_cartons import BadCartonType, CartonTypeOf, SetCartonTypes
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridColumn, GridForm
from flowrack.platform.web.listing import Button, Column, Empty, Flag, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import BadLine, FlowrackError

TITLE, SETUP = "Carton types", "fulfilment.setup"
GRID = [
    GridColumn("code", "Code on the rack", code=True, placeholder="M"),
    GridColumn("name", "Name"),
    GridColumn("length_mm", "Length inside, mm", kind="number", placeholder="400"),
    GridColumn("width_mm", "Width", kind="number", placeholder="300"),
    GridColumn("height_mm", "Height", kind="number", placeholder="200"),
    GridColumn("max_weight_g", "Bears, g", kind="number", placeholder="15000"),
    GridColumn("tare_g", "Weighs, g", kind="number", placeholder="300"),
    GridColumn("cost", "Costs", kind="number", placeholder="0.60"),
]
WHOLE = ("length_mm", "width_mm", "height_mm", "max_weight_g", "tare_g")

TYPES = ListPage(
    name="fulfilment.carton_types",
    title=TITLE,
    noun=("carton type", "carton types"),
    permission="fulfilment.view",
    rows=queries_cartons.type_list,
    columns=[
        Column("code", "Code", kind="code", sort=True),
        Column("name", "Name"),
        Column("sides", "Inside, mm", value=lambda r: f"{r.length_mm} × {r.width_mm} × {r.height_mm}"),
        Column("max_weight_g", "Bears, g", kind="number", sort=True),
        Column("tare_g", "Weighs, g", kind="number", sort=True),
        Column("cost", "Costs", kind="money", sort=True),
        Column("packed", "Packed in 90 days", kind="number", sort=True),
        Column("planned", "Planned in 90 days", kind="number", sort=True),
        Column("is_active", "In use", value=lambda r: "yes" if r.is_active else "no"),
    ],
    filters=[Flag("is_active", "In use")],
    sort="code",
    search="Code or name",
    row_id=lambda r: int(r.id),
    actions=[Button("Change", "fulfilment_carton_types_edit", permission=SETUP, primary=True, key="n")],
    empty=Empty("No carton types yet", "With the cartons of the house, a wave plans what goes into which of them."),
)

PLANNED_COLUMNS = [
    Column("order", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("number", "#", kind="number"),
    Column("code", "Carton", kind="code", value=lambda r: r.code or "own box"),
    Column("contents", "Holds", wide=True),
    Column("filled", "Filled", value=lambda r: f"{r.filled // 10} %" if r.code else ""),
    Column("weight_g", "Weight, g", kind="number"),
    Column("cost", "Carton", kind="money"),
    Column("freight", "Freight", kind="money"),
]


def planned_table(rows: Sequence[PlannedRow]) -> Table:
    """The planned cartons of a wave; what stands there when there are none."""
    empty = "No carton is planned: the house has no carton types, or nobody measured the goods."
    return Table("Cartons as planned", PLANNED_COLUMNS, rows, empty=empty)


@page(SETUP)
def edit(request: HttpRequest) -> HttpResponse:
    """All carton types in use, in one grid."""
    grid = GridForm(
        GRID, request.POST if request.method == "POST" else None, initial=initial(queries_cartons.types_in_use())
    )

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, None, title=TITLE, verb="Save", refusal=refusal, back=(TITLE, reverse("fulfilment_carton_types")),
            sub="Sides are measured inside. A row that is taken out is used no more; what was packed in it stays.",
            template="patterns/grid.html", grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if request.method != "POST":
        return drawn()
    types, bad = read(grid.rows)
    if bad:
        return drawn(BadCartonType("This cannot be kept.", lines=bad))
    return perform(
        request,
        commands.set_carton_types,
        SetCartonTypes(types),
        to=reverse("fulfilment_carton_types"),
        toast="Carton types saved",
        again=drawn,
    )


def initial(types: Sequence[CartonTypeRow]) -> list[dict[str, str]]:
    """The grid's rows for the types in use."""
    return [
        {column.name: f"{one.cost.normalize():f}" if column.name == "cost" else str(getattr(one, column.name))
         for column in GRID}
        for one in types
    ]  # fmt: skip


def read(rows: Sequence[dict[str, str]]) -> tuple[list[CartonTypeOf], list[BadLine]]:
    """The types that the rows say, and what is no number."""
    types: list[CartonTypeOf] = []
    bad: list[BadLine] = []
    for n, row in enumerate(rows, 1):
        numbers = {}
        for name in WHOLE:
            text = row[name]
            if text and not (text.isascii() and text.isdigit() and len(text) < 10):
                bad.append(BadLine(n, name, f"“{text}” is no whole number.", "Write digits only, in mm or g."))
            else:
                numbers[name] = int(text or 0)
        try:
            cost = Decimal(row["cost"] or 0)
            if not cost.is_finite():
                raise InvalidOperation
        except InvalidOperation:
            bad.append(BadLine(n, "cost", f"“{row['cost']}” is no amount.", "Write it as 0.60."))
            continue
        if len(numbers) == len(WHOLE):
            types.append(CartonTypeOf(row["code"], cost=cost, name=row["name"], **numbers))
    return types, bad


NAV = [NavItem("Data and setup", TITLE, "fulfilment_carton_types", permission="fulfilment.view", order=63)]

urlpatterns = [
    path("carton-types", TYPES.view, name="fulfilment_carton_types"),
    path("carton-types/edit", edit, name="fulfilment_carton_types_edit"),
]
