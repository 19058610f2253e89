"""The places' pages: sites, zones and locations as lists, records and forms; the warehouse builder; label sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import commands, imports, queries, rules
from flowrack.locations.forms import BuilderForm, LocationForm, SiteForm, SsccRangeForm, ZoneForm
from flowrack.locations.labels import MOST_LABELS, label_sheet
from flowrack.locations.types import Role, SsccOutlook
from flowrack.platform.http import now
from flowrack.platform.importing.web import import_view
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.codes import code_source
from flowrack.platform.web.columns import Column
from flowrack.platform.web.listing import Button, Choice, Empty, Flag, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import context_of, perform, perform_form, render_form
from flowrack.platform.web.viewer import SiteChoice, site_source, viewer_of
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

ROLES = [(str(role), role.replace("_", " ")) for role in Role]

SITES = ListPage(
    name="locations.sites",
    title="Sites",
    noun=("site", "sites"),
    permission="locations.view",
    rows=queries.site_list,
    columns=[
        Column("code", "Code", kind="code", sort=True, link=lambda r: reverse("locations_site", args=[r.id])),
        Column("name", "Name", sort=True, wide=True),
        Column("timezone", "Time zone"),
        Column("country", "Country"),
        Column("zones", "Zones", kind="number"),
        Column("places", "Places", kind="number"),
    ],
    sort="code",
    search="Code or name",
    actions=[
        Button("Import", "locations_import_sites", permission="locations.edit"),
        Button("New site", "locations_site_new", permission="locations.edit", primary=True, key="n"),
    ],
    empty=Empty("No sites yet", "A building or yard with stock.", "New site", "locations_site_new", "locations.edit"),
)

LOCATIONS = ListPage(
    name="locations.locations",
    title="Locations",
    noun=("location", "locations"),
    permission="locations.view",
    rows=queries.location_list,
    columns=[
        Column("code", "Location", kind="code", sort=True, link=lambda r: reverse("locations_location", args=[r.id])),
        Column("site", "Site", sort=True),
        Column("zone", "Zone", sort=True),
        Column("role", "Role", value=lambda r: r.role.replace("_", " ")),
        Column("kind", "Kind"),
        Column("pick_sequence", "Walk", kind="number", sort=True),
        Column("max_lpns", "License plates", kind="number"),
        Column("max_weight_g", "Weight g", kind="number", hidden=True),
        Column("max_volume_ml", "Volume ml", kind="number", hidden=True),
        Column("temperature", "Climate", hidden=True),
        Column("blocked_reason", "Blocked", wide=True),
    ],
    filters=[
        Choice("role", "Role", ROLES, promoted=True),
        Choice("kind", "Kind", [("bin", "bin"), ("door", "door"), ("staging", "staging")]),
        Flag("is_active", "In use"),
    ],
    tabs=[Tab("In use", "is_active=yes"), Tab("Archived", "is_active=no"), Tab("All", "")],
    sort="pick_sequence",
    search="Location or zone",
    actions=[
        Button("Import", "locations_import_locations", permission="locations.edit"),
        Button("Build locations", "locations_build", permission="locations.edit", primary=True, key="n"),
    ],
    empty=Empty(
        "No locations yet", "Bins, doors and staging places.", "Build locations", "locations_build", "locations.edit"
    ),
)

ZONE_COLUMNS = [
    Column("code", "Zone", kind="code", link=lambda r: reverse("locations_zone_change", args=[r["id"]])),
    Column("name", "Name", wide=True),
    Column("role", "Role"),
    Column("places", "Places", kind="number"),
    Column("labels", "Labels", link=lambda r: reverse("locations_labels", args=[r["id"]]) if r["places"] else None),
]


@site_source
def site_choices() -> list[SiteChoice]:
    """The sites in use, for the switcher in the page's head."""
    return [SiteChoice(s.site_id, s.code, s.name, s.timezone) for s in queries.sites()]


def _form_page(
    request: HttpRequest, form: Any, command: Callable[..., Any], *, to: Any, make: Callable[[], Any], **look: Any
) -> HttpResponse:
    """Draw a form, run its command, draw it again when it is refused."""

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(request, form, refusal=refusal, template="locations/place_form.html", **look)

    if request.method == "POST":
        return perform_form(request, command, make(), form=form, to=to, toast="Saved", again=again)
    return again()


def _version(request: HttpRequest, otherwise: int) -> int:
    return read_id(request.POST.get("version", "")) or otherwise


@page(permission="locations.view", methods=("GET", "HEAD"))
def site(request: HttpRequest, site_id: int) -> HttpResponse:
    """One site with its zones."""
    found = queries.site(site_id)
    edit = "locations.edit"
    return render_record(
        request,
        Record(
            title=found.code,
            subtitle=found.name,
            state="in use" if found.is_active else "archived",
            subject=ref("locations.site", site_id),
            site_id=site_id,
            back=("Sites", reverse("locations_sites")),
            facts=[Fact("Time zone", found.timezone), Fact("Country", found.country or "not given")],
            actions=[
                Do("Change", reverse("locations_site_change", args=[site_id]), edit, post=False),
                Do("Add zone", reverse("locations_zone_new", args=[site_id]), edit, primary=True, post=False),
            ],
            tables=[Table("Zones", ZONE_COLUMNS, queries.zone_rows(site_id))],
        ),
    )


@page(permission="locations.edit")
def new_site(request: HttpRequest) -> HttpResponse:
    """A form for a new site."""
    form = SiteForm(request.POST or None)
    back = ("Sites", reverse("locations_sites"))
    return _form_page(
        request, form, commands.create_site, make=form.to_create, title="New site", verb="Save site", back=back,
        to=lambda done: reverse("locations_site", args=[done.id]),
    )  # fmt: skip


@page(permission="locations.edit")
def change_site(request: HttpRequest, site_id: int) -> HttpResponse:
    """A form for a stored site."""
    found = queries.site(site_id)
    context_of(request).require("locations.edit", site_id)
    version = _version(request, queries.version_of("site", site_id))
    initial = {"code": found.code, "name": found.name, "timezone": found.timezone, "country": found.country}
    form = SiteForm(request.POST or None, initial=initial)
    form.fields["code"].disabled = True
    to = reverse("locations_site", args=[site_id])
    return _form_page(
        request, form, commands.update_site, make=lambda: form.to_update(site_id, version), to=to,
        title=f"Change {found.code}", verb="Save site", back=(found.code, to), version=version,
    )  # fmt: skip


@page(permission="locations.edit")
def new_zone(request: HttpRequest, site_id: int) -> HttpResponse:
    """A form for a new zone."""
    found = queries.site(site_id)
    context_of(request).require("locations.edit", site_id)
    form = ZoneForm(request.POST or None)
    to = reverse("locations_site", args=[site_id])
    return _form_page(
        request, form, commands.create_zone, make=lambda: form.to_create(site_id), to=to,
        title=f"New zone of {found.name}", verb="Save zone", back=(found.code, to),
    )  # fmt: skip


@page(permission="locations.edit")
def change_zone(request: HttpRequest, zone_id: int) -> HttpResponse:
    """A form for a stored zone."""
    found = queries.zone(zone_id)
    context_of(request).require("locations.edit", found.site_id)
    version = _version(request, found.version)
    form = ZoneForm(request.POST or None, initial={"code": found.code, "name": found.name, "role": found.role})
    form.fields["code"].disabled = True
    to = reverse("locations_site", args=[found.site_id])
    return _form_page(
        request, form, commands.update_zone, make=lambda: form.to_update(zone_id, version), to=to,
        title=f"Change zone {found.code}", verb="Save zone", back=("Site", to), version=version,
    )  # fmt: skip


@page(permission="locations.edit")
def change_location(request: HttpRequest, location_id: int) -> HttpResponse:
    """A form for a stored place."""
    found = queries.location(location_id)
    context_of(request).require("locations.edit", found.site_id)
    version = _version(request, queries.version_of("location", location_id))
    initial = {name: getattr(found, name) for name in LocationForm.base_fields}
    form = LocationForm(request.POST or None, initial=initial)
    to = reverse("locations_location", args=[location_id])
    return _form_page(
        request, form, commands.update_location, make=lambda: form.to_request(location_id, version), to=to,
        title=f"Change {found.code}", verb="Save location", back=(found.code, to), version=version,
    )  # fmt: skip


@page(permission="locations.view", methods=("GET", "HEAD"))
def location(request: HttpRequest, location_id: int) -> HttpResponse:
    """One place: where it is and what it can take."""
    found = queries.location(location_id)
    limits = [
        Fact("Volume ml", found.max_volume_ml, "number"),
        Fact("Weight g", found.max_weight_g, "number"),
        Fact("License plates", found.max_lpns, "number"),
        Fact("Height mm", found.max_height_mm, "number"),
        Fact("Beam weight g", found.max_beam_weight_g, "number"),
        Fact("Storage classes", ", ".join(found.storage_classes)),
        Fact("Hazard classes", ", ".join(found.hazard_classes)),
        Fact("Blocked because", found.blocked_reason, tone="bad"),
    ]
    change = reverse("locations_location_change", args=[location_id])
    actions = [Do("Change", change, "locations.edit", primary=True, post=False)] if found.kind != "virtual" else []
    return render_record(
        request,
        Record(
            title=found.code,
            subtitle=found.role.replace("_", " ") or "place of the books",
            state="blocked" if found.blocked_reason else ("in use" if found.is_active else "archived"),
            marks={"blocked": "bad"},
            subject=ref("locations.location", location_id),
            site_id=found.site_id,
            back=("Locations", reverse("locations_locations")),
            facts=[
                Fact("Site", queries.site(found.site_id).code, url=reverse("locations_site", args=[found.site_id])),
                Fact("Zone", found.zone_code or "none"),
                Fact("Kind", found.kind),
                Fact("Walk", found.pick_sequence, "number"),
                Fact("Climate", found.temperature),
                *[fact for fact in limits if fact.value not in ("", None)],
            ],
            actions=actions,
        ),
    )


@page(permission="locations.edit")
def build(request: HttpRequest) -> HttpResponse:
    """The builder: a pattern, a preview of what it makes, then all of it at once."""
    zones = [zone for zone in queries.zones(viewer_of(request).site_id) if zone.is_active]
    form = BuilderForm(request.POST or None, zones=zones)
    preview: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid() and request.POST.get("step") == "preview":
        try:
            preview = _preview(form)
        except FlowrackError as refusal:
            return _build_form(request, form, refusal)
        return _build_form(request, form, None, **preview)
    if request.method == "POST" and form.is_valid():
        return perform(
            request,
            commands.build_locations,
            form.to_request(),
            to=reverse("locations_locations"),
            toast=lambda built: f"{built.created:,} locations built",
            again=lambda refusal: _build_form(request, form, refusal),
        )
    return _build_form(request, form, None)


def _preview(form: BuilderForm) -> dict[str, Any]:
    """What the pattern makes: how many places, how many are there already, the first and the last."""
    req = form.to_request()
    planned = rules.plan(req.pattern)
    known = queries.find_by_code(queries.zone(req.zone_id).site_id, [bin_.code for bin_ in planned])
    ends = planned if len(planned) <= 12 else [*planned[:8], *planned[-4:]]
    return {"planned": len(planned), "known": len(known), "new": len(planned) - len(known), "ends": ends}


def _build_form(request: HttpRequest, form: BuilderForm, refusal: FlowrackError | None, **more: Any) -> HttpResponse:
    back = ("Locations", reverse("locations_locations"))
    return render_form(
        request, form, title="Build locations", verb="Build locations", refusal=refusal, back=back,
        template="locations/build.html", **more,
    )  # fmt: skip


@page(permission="locations.view", methods=("GET", "HEAD"))
def labels(request: HttpRequest, zone_id: int) -> HttpResponse:
    """The label sheet of a zone (or of one of its aisles) as PDF."""
    zone = queries.zone(zone_id)
    places = queries.of_zone(zone_id, aisle=request.GET.get("aisle", ""), limit=MOST_LABELS + 1)
    response = HttpResponse(label_sheet(places), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="labels-{zone.code}.pdf"'
    return response


@page(permission="locations.edit")
def sscc_range(request: HttpRequest) -> HttpResponse:
    """A form for the company's GS1 prefix."""
    found = queries.sscc_range()
    form = SsccRangeForm(request.POST or None, initial={"gs1_prefix": found.prefix, "extension": found.extension})
    return _form_page(
        request, form, commands.set_sscc_range, make=form.to_request, title="GS1 prefix", verb="Save prefix",
        back=("Sites", reverse("locations_sites")), to=reverse("locations_sscc_range"),
        sub=_left(queries.sscc_outlook(now())),
    )  # fmt: skip


def _left(outlook: SsccOutlook) -> str:
    """How many SSCCs are left, and for how long."""
    said = f"{outlook.left:,} SSCCs are left"
    if outlook.days is None:
        return f"{said}; none was given out yet."
    pace = f"{said}; at {outlook.per_day:,} a day they last"
    if outlook.days > 3_650:
        return f"{pace} for more than ten years."
    return f"{pace} for {outlook.days:,} days." + (" Ask GS1 for another prefix now." if outlook.days < 90 else "")


code_source("bin", "locations.view", queries.look_up)
palette_records("Location", "locations_location", "locations.view", queries.look_up)

urlpatterns = [
    path("gs1-prefix", sscc_range, name="locations_sscc_range"),
    path("sites", SITES.view, name="locations_sites"),
    path("sites/new", new_site, name="locations_site_new"),
    path("sites/<int:site_id>", site, name="locations_site"),
    path("sites/<int:site_id>/change", change_site, name="locations_site_change"),
    path("sites/<int:site_id>/zones/new", new_zone, name="locations_zone_new"),
    path("zones/<int:zone_id>/change", change_zone, name="locations_zone_change"),
    path("zones/<int:zone_id>/labels", labels, name="locations_labels"),
    path("locations", LOCATIONS.view, name="locations_locations"),
    path("locations/build", build, name="locations_build"),
    path("locations/<int:location_id>", location, name="locations_location"),
    path("locations/<int:location_id>/change", change_location, name="locations_location_change"),
    path(
        "sites/import",
        import_view(imports.SITES, commands.import_sites, back="locations_sites"),
        name="locations_import_sites",
    ),
    path(
        "zones/import",
        import_view(imports.ZONES, commands.import_zones, back="locations_sites"),
        name="locations_import_zones",
    ),
    path(
        "locations/import",
        import_view(imports.LOCATIONS, commands.import_locations, back="locations_locations"),
        name="locations_import_locations",
    ),
]

NAV = [
    NavItem("Data and setup", "Sites", "locations_sites", permission="locations.view", order=60),
    NavItem("Data and setup", "Locations", "locations_locations", permission="locations.view", order=70),
    NavItem("Data and setup", "GS1 prefix", "locations_sscc_range", permission="locations.edit", order=75),
]
