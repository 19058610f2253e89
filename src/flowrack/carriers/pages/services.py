"""The list of carrier services, and what a day of lateness counts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.carriers import commands, queries
from flowrack.carriers.forms import DAY_NAMES, LateForm
from flowrack.carriers.types import SetLateCosts
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.listing import Button, Choice, Empty, Flag, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import FlowrackError

TITLE = "Carrier services"


def _carrier(carrier_id: int) -> str:
    return reverse("parties_party", args=[carrier_id])


SERVICES = ListPage(
    name="carriers.services",
    title=TITLE,
    noun=("service", "services"),
    permission="carriers.view",
    rows=queries.service_list,
    columns=[
        Column("carrier", "Carrier", sort=True, wide=True, link=lambda r: _carrier(r.carrier_id)),
        Column("code", "Service", kind="code", sort=True),
        Column("name", "Name", wide=True),
        Column("mode", "Travels", sort=True),
        Column("basis", "Charged per", sort=True),
        Column("goes_on", "Goes on", value=lambda r: " ".join(DAY_NAMES[day] for day in r.goes_on)),
        Column("takes", "Hazards taken", value=lambda r: r.takes or "none"),
        Column("max_parcel_g", "Parcel up to, g", kind="number", value=lambda r: r.max_parcel_g or None),
        Column("dock_minutes", "Dock minutes", kind="number"),
        Column(
            "version", "Rate card", value=lambda r: f"v{r.version}" if r.version else "none in force",
            link=lambda r: reverse("carriers_card", args=[r.card_id]) if r.card_id else "",
        ),
        Column("chosen", "Chosen in 30 days", kind="number", sort=True),
    ],
    filters=[
        Choice("mode", "Travels", [("ground", "ground"), ("air", "air")], promoted=True),
        Choice("basis", "Charged per", [(word, word) for word in ("parcel", "shipment", "pallet")]),
        Flag("is_active", "In use"),
    ],
    sort="carrier,code",
    search="Carrier or service",
    row_id=lambda r: int(r.id),
    actions=[
        Button("Cost of lateness", "carriers_late_costs", permission="carriers.setup"),
        Button("Price a parcel", "carriers_try", permission="carriers.view", primary=True, key="n"),
    ],
    empty=Empty(
        "No carrier services yet", "A carrier's services are added on his page; his rate card says what they cost.",
        "Carriers", "parties_carriers", "parties.view",
    ),
)  # fmt: skip


@page("carriers.setup")
def late_costs(request: HttpRequest) -> HttpResponse:
    """What a day of lateness counts against freight, by the customer's tier."""
    known = queries.late_costs()
    form = LateForm(request.POST or None, initial={t.lower(): f"{known.get(t, 0):.2f}" for t in "ABC"})

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Cost of a late day", verb="Save", refusal=refusal,
            back=(TITLE, reverse("carriers_services")),
            sub="A dearer service is chosen when it saves more lateness than it costs. 0 = the cheapest always goes.",
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        req = SetLateCosts(**form.cleaned_data)
        to = reverse("carriers_services")
        return perform(request, commands.set_late_costs, req, to=to, toast="Costs saved", again=again)
    return again()


NAV = [NavItem("Data and setup", TITLE, "carriers_services", permission="carriers.view", order=42)]
urlpatterns = [
    path("carrier-services", SERVICES.view, name="carriers_services"),
    path("carrier-services/late-costs", late_costs, name="carriers_late_costs"),
]
