"""How a site is picked, and its carts: each in one grid."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.fulfilment import commands, queries_lists, queries_policies
from flowrack.fulfilment.states import AtShort, Method
from flowrack.fulfilment.types_lists import BadPickRule, CartOf, PickRule, SetCarts, SetPickRules
from flowrack.locations import queries as places
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridColumn, GridForm
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import no_site, perform, render_form
from flowrack.platform.web.viewer import site_of, viewer_of
from flowrack.shared.errors import BadLine, FlowrackError

SETUP = "fulfilment.setup"
SCANS = ("bin", "item", "lot", "qty", "tote")
RULES = [
    GridColumn("zone", "Zone", code=True, placeholder="empty = the site"),
    GridColumn("method", "How", options=list(Method), placeholder="cluster"),
    GridColumn("positions", "Orders a cart", kind="number", placeholder="8"),
    GridColumn("max_lines", "Lines", kind="number", placeholder="60"),
    GridColumn("max_weight_g", "Weight, g", kind="number", placeholder="no limit"),
    GridColumn("max_volume_ml", "Volume, ml", kind="number", placeholder="no limit"),
    GridColumn("scans", "Scanned", placeholder="item tote"),
    GridColumn("aisle_limit", "People an aisle", kind="number", placeholder="any"),
    GridColumn("lease_minutes", "Kept, minutes", kind="number", placeholder="60"),
    GridColumn("place", "Brought together at", code=True, placeholder="the wave's place"),
    GridColumn("at_short", "Short pick", options=list(AtShort), placeholder="bins"),
]
CARTS = [
    GridColumn("code", "Code on the cart", code=True, placeholder="CART-1"),
    GridColumn("positions", "Places for totes", kind="number", placeholder="8"),
]
NUMBERS = {
    "positions": 8,
    "max_lines": 60,
    "max_weight_g": 0,
    "max_volume_ml": 0,
    "aisle_limit": 0,
    "lease_minutes": 60,
}


def _number(n: int, name: str, text: str, usual: int, bad: list[BadLine]) -> int:
    """A whole number of a cell; what stands there when it is empty is the usual."""
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        bad.append(BadLine(n, name, f"“{text}” is no whole number.", "Write digits only."))
        return usual
    return int(text)


def read_rules(rows: Sequence[dict[str, str]], site_id: int) -> tuple[list[PickRule], list[BadLine]]:
    """The rules that the rows say, and all that is wrong with how they are written. Two queries."""
    zones = {zone.code.upper(): zone.zone_id for zone in places.zones(site_id)}
    stagings = places.find_by_code(site_id, [row["place"] for row in rows if row["place"]])
    rules: list[PickRule] = []
    bad: list[BadLine] = []
    for n, row in enumerate(rows, 1):
        zone_id = zones.get(row["zone"].upper(), 0)
        if row["zone"] and not zone_id:
            bad.append(BadLine(n, "zone", f"The site has no zone “{row['zone']}”.", "See the list of zones."))
        if row["place"] and row["place"] not in stagings:
            bad.append(BadLine(n, "place", f"The site has no place “{row['place']}”.", "Name a staging place."))
        scans = set(row["scans"].lower().replace(",", " ").split()) or {"item", "tote"}
        if scans - set(SCANS):
            said = f"“{' '.join(sorted(scans - set(SCANS)))}” is nothing that can be scanned."
            bad.append(BadLine(n, "scans", said, f"Use some of {', '.join(SCANS)}."))
        numbers = {name: _number(n, name, row[name], usual, bad) for name, usual in NUMBERS.items()}
        rules.append(
            PickRule(
                zone_id,
                row["method"].strip().lower() or Method.CLUSTER,
                scan_bin="bin" in scans,
                scan_item="item" in scans,
                scan_lot="lot" in scans,
                scan_qty="qty" in scans,
                scan_tote="tote" in scans,
                consolidation_id=stagings[row["place"]].location_id if row["place"] in stagings else 0,
                positions=numbers["positions"],
                max_lines=numbers["max_lines"],
                max_weight_g=numbers["max_weight_g"],
                max_volume_ml=numbers["max_volume_ml"],
                aisle_limit=numbers["aisle_limit"],
                lease_minutes=numbers["lease_minutes"],
                at_short=row["at_short"].strip().lower() or AtShort.BINS,
            )
        )
    return rules, bad


def _initial(site_id: int) -> list[dict[str, str]]:
    codes = {zone.zone_id: zone.code for zone in places.zones(site_id)}
    stagings = places.locations(queries_policies.staging_places(site_id))
    return [
        {
            "zone": codes.get(rule.zone_id, ""),
            "method": rule.method,
            **{name: str(getattr(rule, name) or "") for name in NUMBERS},
            "scans": " ".join(name for name in SCANS if getattr(rule, f"scan_{name}")),
            "place": stagings[rule.consolidation_id].code if rule.consolidation_id in stagings else "",
            "at_short": rule.at_short,
        }
        for rule in queries_lists.rules_of(site_id)
    ]


@page(SETUP)
def rules(request: HttpRequest) -> HttpResponse:
    """The picking rules of the site where the person works."""
    site_id = site_of(viewer_of(request))
    if not site_id:
        return no_site(request, "Picking rules")
    site = places.site(site_id)
    grid = GridForm(RULES, request.POST if request.method == "POST" else None, initial=_initial(site.site_id))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, None, title=f"Picking rules, {site.code}", verb="Save", refusal=refusal,
            back=("Pick lists", reverse("fulfilment_lists")),
            sub="A zone with a row of its own is picked apart; an empty zone is the rest of the site. "
            "How: discrete (order by order), cluster (a cart of totes), batch (all together, sorted later) or "
            "zone (zone by zone, brought together). Short pick: the rest comes from other bins, from other bins and "
            "then substitutes that the customer takes unasked, or has to wait. Lists on the floor stay as they are.",
            template="patterns/grid.html", grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if request.method != "POST":
        return drawn()
    asked, bad = read_rules(grid.rows, site.site_id)
    if bad:
        return drawn(BadPickRule("This cannot be kept.", lines=bad))
    return perform(
        request,
        commands.set_pick_rules,
        SetPickRules(site.site_id, asked),
        to=reverse("fulfilment_pick_rules"),
        toast="Picking rules saved",
        again=drawn,
    )


@page(SETUP)
def carts(request: HttpRequest) -> HttpResponse:
    """The carts of the site where the person works."""
    site_id = site_of(viewer_of(request))
    if not site_id:
        return no_site(request, "Carts")
    site = places.site(site_id)
    known = [{"code": cart.code, "positions": str(cart.positions)} for cart in queries_lists.carts(site.site_id)]
    grid = GridForm(CARTS, request.POST if request.method == "POST" else None, initial=known)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, None, title=f"Carts, {site.code}", verb="Save", refusal=refusal,
            back=("Pick lists", reverse("fulfilment_lists")),
            sub="A picker scans the cart once for a list. Its places are A, B, C and so on. Without carts nobody is "
            "asked for one.",
            template="patterns/grid.html", grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if request.method != "POST":
        return drawn()
    bad: list[BadLine] = []
    asked = [
        CartOf(row["code"].upper(), _number(n, "positions", row["positions"], 8, bad))
        for n, row in enumerate(grid.rows, 1)
    ]
    if bad:
        return drawn(BadPickRule("This cannot be kept.", lines=bad))
    return perform(
        request,
        commands.set_carts,
        SetCarts(site.site_id, asked),
        to=reverse("fulfilment_carts"),
        toast="Carts saved",
        again=drawn,
    )


NAV = [
    NavItem("Data and setup", "Picking rules", "fulfilment_pick_rules", permission=SETUP, order=64),
    NavItem("Data and setup", "Carts", "fulfilment_carts", permission=SETUP, order=65),
]

urlpatterns = [
    path("pick-rules", rules, name="fulfilment_pick_rules"),
    path("carts", carts, name="fulfilment_carts"),
]
