"""The parties' pages: suppliers, customers, carriers and owners as lists, records and forms; import wizards."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.parties import commands, imports, queries, rules_holidays
from flowrack.parties.forms import (
    LAST_WORDS,
    LOT_WORDS,
    PARTIAL_WORDS,
    SUBSTITUTE_WORDS,
    AddressForm,
    CarrierServiceForm,
    PartyForm,
)
from flowrack.parties.types import CustomerFields, PartyFields, PartyRecord, UpdateParty
from flowrack.platform.importing.web import import_view
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.codes import code_source
from flowrack.platform.web.columns import Column
from flowrack.platform.web.listing import Button, Choice, Empty, Flag, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.query import ListQuery, Page
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

CODE = Column("code", "Code", kind="code", sort=True, link=lambda r: reverse("parties_party", args=[r.id]))
NAME = Column("name", "Name", sort=True, wide=True)
COUNTRY = Column("country", "Country", sort=True)
NEW = Button("New company", "parties_new", permission="parties.edit", primary=True, key="n")


def _list(part: str, title: str, columns: list[Column], upload: str, text: str) -> ListPage:
    def rows(query: ListQuery) -> Page[object]:
        return queries.party_list(query, part=part)  # type: ignore[return-value]

    noun = title.lower().removesuffix("s")
    filters = [Choice("tier", "Tier", [(t, t) for t in "ABC"], promoted=True)] if part == "customer" else []
    return ListPage(
        name=f"parties.{part}s",
        title=title,
        noun=(noun, title.lower()),
        permission="parties.view",
        rows=rows,
        columns=[CODE, NAME, *columns, COUNTRY],
        filters=[*filters, Flag("is_active", "In use")],
        tabs=[Tab("In use", "is_active=yes"), Tab("Archived", "is_active=no"), Tab("All", "")],
        sort="code",
        search="Code or name",
        actions=[Button("Import", upload, permission="parties.edit"), NEW],
        empty=Empty(f"No {title.lower()} yet", text, f"Import {title.lower()}", upload, "parties.edit"),
    )


SUPPLIERS = _list(
    "supplier",
    "Suppliers",
    [
        Column("lead_time_days", "Lead time, days", kind="number", sort=True),
        Column("items", "Items", kind="number", sort=True),
    ],
    "parties_import_suppliers",
    "From whom goods are bought, how long they take and on which days they come.",
)
CUSTOMERS = _list(
    "customer",
    "Customers",
    [Column("tier", "Tier", kind="tier", sort=True), Column("ships_partial", "Partial deliveries", sort=True)],
    "parties_import_customers",
    "To whom goods are sold, and what each may expect.",
)
CARRIERS = _list("carrier", "Carriers", [], "parties_import_carriers", "Who takes the goods to the customers.")
OWNERS = _list(
    "owner", "Owners", [], "parties_import_owners", "Whose stock lies in the house, our own company included."
)

ADDRESS_COLUMNS = [
    Column("code", "Code", kind="code"),
    Column("name", "Name"),
    Column("lines", "Street", wide=True),
    Column("postcode", "Postcode"),
    Column("city", "City"),
    Column("country", "Country"),
    Column("is_default", "Default", kind="flag"),
    Column("is_to_check", "To check", kind="flag"),
    Column("is_residential", "A home", kind="flag"),
    Column("transit_days", "Days on the way", kind="number"),
]
ITEM_COLUMNS = [
    Column("sku", "Item", kind="code"),
    Column("name", "Name", wide=True),
    Column("supplier_sku", "Their code", kind="code"),
    Column("unit_cost", "Unit cost", kind="money", places=4),
    Column("moq", "MOQ", kind="number"),
    Column("multiple", "Multiple", kind="number"),
    Column("is_preferred", "Preferred", kind="flag"),
]
SERVICE_COLUMNS = [
    Column("code", "Code", kind="code"),
    Column("name", "Name", wide=True),
    Column("transit_days", "Days on the way", kind="number"),
    Column("is_active", "In use", kind="flag"),
]
DAYS = ("", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _facts(record: PartyRecord) -> list[Fact]:
    party = record.party
    facts = [
        Fact("Country", party.country),
        Fact("GLN", party.gln),
        Fact("Email", party.email),
        Fact("Phone", party.phone),
        *_holidays(party),
    ]
    if party.supplier:
        days = " ".join(DAYS[day] for day in party.supplier.delivery_weekdays)
        facts += [
            Fact("Lead time", f"{party.supplier.lead_time_days} days"),
            Fact("Delivers", days),
            Fact("Minimum order", party.supplier.min_order_value, "money"),
            Fact("Multiple", party.supplier.order_multiple_units, "number"),
        ]
    if party.customer:
        facts += [
            Fact("Tier", party.customer.tier, "tier"),
            *_terms(party.customer),
            Fact("Labels", ", ".join(party.customer.label_needs).replace("_", " ")),
        ]
    return [fact for fact in facts if fact.value not in ("", None)]


def _holidays(party: PartyFields) -> list[Fact]:
    """On which public holidays a supplier delivers nothing, or a carrier does not drive."""
    if not (party.supplier or party.is_carrier):
        return []
    kept = party.holidays_of
    return [Fact("Public holidays", f"{rules_holidays.name_of(kept)} ({kept})" if kept else "none kept")]


def _terms(terms: CustomerFields) -> list[Fact]:
    """What a customer's orders take over, in words."""
    shipments = "any number" if terms.max_shipments is None else f"{terms.max_shipments} at most"
    last = f"the last {dict(LAST_WORDS)[terms.last_shipment]}" if terms.max_shipments is not None else ""
    way = "day" if terms.transit_days == 1 else "days"
    later = terms.cancel_after_days
    return [
        Fact("Partial deliveries", dict(PARTIAL_WORDS)[terms.ships_partial]),
        Fact("Shipments per order", shipments, note=last),
        Fact("Shipment worth at least", terms.min_shipment_value or None, "money"),
        Fact("Backorders", "kept" if later is None else f"cancelled {later} days after the wanted day"),
        Fact("Substitutes", dict(SUBSTITUTE_WORDS)[terms.substitutes]),
        Fact("Remaining life", f"{terms.min_remaining_life_days} days at delivery"),
        Fact("Lots", dict(LOT_WORDS)[terms.lot_rule]),
        Fact("On the way", f"{terms.transit_days} {way}" if terms.transit_days else ""),
        Fact("Sales channel", terms.channel),
        Fact("Contract", terms.contract),
    ]


def _back(record: PartyRecord) -> tuple[str, str]:
    party = record.party
    parts = [(party.supplier, "supplier"), (party.customer, "customer"), (party.is_carrier, "carrier")]
    part = next((name for is_part, name in parts if is_part), "owner")
    return f"{part.capitalize()}s", reverse(f"parties_{part}s")


@page(permission="parties.view", methods=("GET", "HEAD"))
def party(request: HttpRequest, party_id: int) -> HttpResponse:
    """One company: terms, addresses and the items it supplies."""
    found = queries.party_record(party_id)
    tables = [Table("Addresses", ADDRESS_COLUMNS, queries.addresses([party_id]).get(party_id, []))]
    add = [Do("Add address", reverse("parties_address_new", args=[party_id]), "parties.edit", post=False)]
    if found.party.is_carrier:
        tables.insert(0, Table("Services", SERVICE_COLUMNS, queries.carrier_services(party_id)))
        add.append(Do("Add service", reverse("parties_service_new", args=[party_id]), "parties.edit", post=False))
    if found.party.supplier:
        rows = queries.supplied_items(party_id, limit=200)
        note = "The first 200." if len(rows) == 200 else ""
        tables.append(Table("Items", ITEM_COLUMNS, rows, note=note))
    return render_record(
        request,
        Record(
            title=found.code,
            subtitle=found.party.name,
            state="in use" if found.is_active else "archived",
            subject=ref("parties.party", party_id),
            back=_back(found),
            facts=_facts(found),
            actions=[
                Do(
                    "Archive" if found.is_active else "Use again",
                    reverse("parties_archive", args=[party_id]),
                    "parties.edit",
                    fields={"version": found.version},
                ),
                *add,
                Do("Change", reverse("parties_change", args=[party_id]), "parties.edit", primary=True, post=False),
            ],
            tables=tables,
        ),
    )


@page(permission="parties.edit")
def new_party(request: HttpRequest) -> HttpResponse:
    """A form for a new company."""
    form = PartyForm(request.POST or None)

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        back = ("Customers", reverse("parties_customers"))
        return render_form(request, form, title="New company", verb="Save company", refusal=refusal, back=back)

    if request.method == "POST" and form.is_valid():
        return perform(
            request,
            commands.create_party,
            form.to_create(),
            to=lambda done: reverse("parties_party", args=[done.party_id]),
            toast="Company saved",
            again=again,
        )
    return again()


@page(permission="parties.edit")
def change_party(request: HttpRequest, party_id: int) -> HttpResponse:
    """A form for a stored company; the version that was read comes along."""
    found = queries.party_record(party_id)
    form = PartyForm(request.POST or None, initial=PartyForm.initial_of(found))
    form.fields["code"].disabled = True
    version = _version(request, found.version)

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title=f"Change {found.code}",
            verb="Save company",
            refusal=refusal,
            back=(found.code, reverse("parties_party", args=[party_id])),
            template="parties/party_form.html",
            version=version,
        )

    if request.method == "POST" and form.is_valid():
        req = form.to_update(party_id, version, is_active=found.is_active)
        to = reverse("parties_party", args=[party_id])
        return perform(request, commands.update_party, req, to=to, toast="Company saved", again=again)
    return again()


@page(permission="parties.edit", methods=("POST",))
def archive_party(request: HttpRequest, party_id: int) -> HttpResponse:
    """Take a company out of use, or back."""
    found = queries.party_record(party_id)
    req = UpdateParty(party_id, _version(request, 0), found.party, not found.is_active)
    words = "Company archived" if found.is_active else "Company in use"
    return perform(request, commands.update_party, req, to=reverse("parties_party", args=[party_id]), toast=words)


@page(permission="parties.edit")
def new_address(request: HttpRequest, party_id: int) -> HttpResponse:
    """A form for an address."""
    found = queries.party_record(party_id)
    form = AddressForm(request.POST or None)
    to = reverse("parties_party", args=[party_id])

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        title = f"Address of {found.party.name}"
        return render_form(request, form, title=title, verb="Save address", refusal=refusal, back=(found.code, to))

    if request.method == "POST" and form.is_valid():
        req = form.to_request(party_id)
        return perform(request, commands.save_address, req, to=to, toast="Address saved", again=again)
    return again()


@page(permission="parties.edit")
def new_service(request: HttpRequest, party_id: int) -> HttpResponse:
    """A form for a service of a carrier; the code of one that there is changes it."""
    found = queries.party_record(party_id)
    form = CarrierServiceForm(request.POST or None)
    to = reverse("parties_party", args=[party_id])

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        title = f"Service of {found.party.name}"
        return render_form(request, form, title=title, verb="Save service", refusal=refusal, back=(found.code, to))

    if request.method == "POST" and form.is_valid():
        req = form.to_request(party_id)
        return perform(request, commands.save_carrier_service, req, to=to, toast="Service saved", again=again)
    return again()


def _version(request: HttpRequest, otherwise: int) -> int:
    read = request.POST.get("version", "")
    return read_id(read) or otherwise


code_source("supplier", "parties.view", queries.look_up_suppliers)
code_source("customer", "parties.view", queries.look_up_customers)
code_source("carrier", "parties.view", queries.look_up_carriers)
palette_records("Company", "parties_party", "parties.view", queries.look_up)

urlpatterns = [
    path("suppliers", SUPPLIERS.view, name="parties_suppliers"),
    path("customers", CUSTOMERS.view, name="parties_customers"),
    path("carriers", CARRIERS.view, name="parties_carriers"),
    path("owners", OWNERS.view, name="parties_owners"),
    path("parties/new", new_party, name="parties_new"),
    path("parties/<int:party_id>", party, name="parties_party"),
    path("parties/<int:party_id>/change", change_party, name="parties_change"),
    path("parties/<int:party_id>/archive", archive_party, name="parties_archive"),
    path("parties/<int:party_id>/addresses/new", new_address, name="parties_address_new"),
    path("parties/<int:party_id>/services/new", new_service, name="parties_service_new"),
    path(
        "suppliers/import",
        import_view(imports.SUPPLIERS, commands.import_suppliers, back="parties_suppliers"),
        name="parties_import_suppliers",
    ),
    path(
        "suppliers/items/import",
        import_view(imports.SUPPLIER_ITEMS, commands.import_supplier_items, back="parties_suppliers"),
        name="parties_import_supplier_items",
    ),
    path(
        "customers/import",
        import_view(imports.CUSTOMERS, commands.import_customers, back="parties_customers"),
        name="parties_import_customers",
    ),
    path(
        "customers/addresses/import",
        import_view(imports.ADDRESSES, commands.import_addresses, back="parties_customers"),
        name="parties_import_addresses",
    ),
    path(
        "carriers/import",
        import_view(imports.CARRIERS, commands.import_carriers, back="parties_carriers"),
        name="parties_import_carriers",
    ),
    path(
        "owners/import",
        import_view(imports.OWNERS, commands.import_owners, back="parties_owners"),
        name="parties_import_owners",
    ),
]

NAV = [
    NavItem("Data and setup", "Suppliers", "parties_suppliers", permission="parties.view", order=20),
    NavItem("Data and setup", "Customers", "parties_customers", permission="parties.view", order=30),
    NavItem("Data and setup", "Carriers", "parties_carriers", permission="parties.view", order=40),
    NavItem("Data and setup", "Owners", "parties_owners", permission="parties.view", order=50),
]
