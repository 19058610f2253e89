"""The catalogue's pages: items as list, record and form; the import wizard."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.catalog import commands, pages_substitutes, queries
from flowrack.catalog.forms import ItemForm
from flowrack.catalog.imports import ITEMS as ITEMS_IMPORT
from flowrack.catalog.types import ArchiveItem, Costing, StorageClass, SubstituteRow, Tracking
from flowrack.platform.importing.web import import_view
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.codes import code_source
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import day
from flowrack.platform.web.listing import Button, Choice, Empty, Flag, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, perform_form, render_form
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref


def _words(options: type[Tracking] | type[Costing] | type[StorageClass]) -> list[tuple[str, str]]:
    return [(str(option), str(option).replace("_", " ")) for option in options]


ITEMS = ListPage(
    name="catalog.items",
    title="Items",
    noun=("item", "items"),
    permission="catalog.view",
    rows=queries.item_list,
    columns=[
        Column("sku", "SKU", kind="code", sort=True, link=lambda r: reverse("catalog_item", args=[r.id])),
        Column("name", "Name", sort=True, wide=True),
        Column("family", "Family", sort=True),
        Column("packs", "Packs"),
        Column("tracking", "Tracking", sort=True),
        Column("costing", "Costing", sort=True),
        Column("storage_class", "Storage", sort=True),
        Column("velocity", "Velocity", sort=True),
    ],
    filters=[
        Choice("tracking", "Tracking", _words(Tracking), promoted=True),
        Choice("costing", "Costing", _words(Costing)),
        Choice("storage_class", "Storage", _words(StorageClass)),
        Choice("velocity", "Velocity", [("A", "A"), ("B", "B"), ("C", "C")], promoted=True),
        Flag("is_active", "In use"),
    ],
    tabs=[Tab("In use", "is_active=yes"), Tab("Archived", "is_active=no"), Tab("All", "")],
    sort="sku",
    search="SKU, name or family",
    actions=[
        Button("Import", "catalog_import", permission="catalog.import"),
        Button("New item", "catalog_item_new", permission="catalog.edit", primary=True, key="n"),
    ],
    empty=Empty("No items yet", "What is bought, kept and sold.", "Import items", "catalog_import", "catalog.import"),
)

PACK_COLUMNS = [
    Column("name", "Pack"),
    Column("factor", "Base units", kind="number"),
    Column("gtin", "GTIN", kind="code"),
    Column("length_mm", "Length mm", kind="number"),
    Column("width_mm", "Width mm", kind="number"),
    Column("height_mm", "Height mm", kind="number"),
    Column("weight_g", "Weight g", kind="number"),
    Column("tie", "Tie", kind="number"),
    Column("high", "High", kind="number"),
]
SUBSTITUTE_COLUMNS = [
    Column("sku", "Item", kind="code", link=lambda r: reverse("catalog_item", args=[r["item_id"]])),
    Column("name", "Name", wide=True),
    Column("ratio", "Ratio"),
    Column("multiple", "In packs of", kind="number"),
    Column("needs_consent", "Asks first", kind="flag"),
    Column("is_price_protected", "At the item's price", kind="flag"),
    Column("excluded", "Not for tier"),
    Column("priority", "Priority", kind="number"),
    Column("valid", "Valid"),
]


def _valid(one: SubstituteRow) -> str:
    """The days on which a substitute may be sent; empty = always."""
    parts = [(word, on) for word, on in (("from", one.valid_from), ("until", one.valid_until)) if on]
    return " ".join(f"{word} {day(on)}" for word, on in parts)


def _packing(keep_upright: bool, bears_g: int | None) -> str:
    """How a unit may lie in a carton, and what may stand on it; empty = as one likes."""
    bears = "" if bears_g is None else "nothing on top" if not bears_g else f"bears {bears_g:,} g"
    return ", ".join(word for word in ("this side up" if keep_upright else "", bears) if word)


@page(permission="catalog.view", methods=("GET", "HEAD"))
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """One item: facts, packs, codes and substitutes."""
    found = queries.item_record(item_id)
    fields = found.item
    others = queries.substitutes([item_id]).get(item_id, [])
    names = queries.items([o.substitute_id for o in others])
    substitutes = [
        {
            "item_id": o.substitute_id,
            "sku": names[o.substitute_id].sku,
            "name": names[o.substitute_id].name,
            "ratio": f"{o.ratio_num} for {o.ratio_den}",
            "multiple": o.multiple,
            "needs_consent": o.needs_consent,
            "is_price_protected": o.is_price_protected,
            "excluded": ", ".join(o.excluded_tiers),
            "priority": o.priority,
            "valid": _valid(o),
        }
        for o in others
    ]
    hazard = fields.hazard_division or fields.hazard_class
    limited = ", limited quantity" if fields.is_limited_quantity else ""
    facts = [
        Fact("Family", fields.family),
        Fact("Tracking", fields.tracking.replace("_", " "), note="with expiry" if fields.has_expiry else ""),
        Fact("Costing", fields.costing.replace("_", " ")),
        Fact("Storage", fields.storage_class, note=fields.temperature if fields.temperature != "ambient" else ""),
        Fact("Hazard", f"class {hazard}{limited}" if hazard else "none", tone="warn" if hazard else ""),
        Fact("Velocity", fields.velocity),
        Fact("List price", fields.list_price, "money"),
        Fact("Reorder point", fields.reorder_point, "number"),
        Fact("Order up to", fields.order_up_to, "number"),
        Fact("Origin", fields.origin_country, note=f"HS {fields.hs_code}" if fields.hs_code else ""),
        Fact("Packing", _packing(fields.keep_upright, fields.bears_g)),
        Fact("Steward", fields.steward),
    ]
    archive = {"version": found.version, "is_active": "no" if found.is_active else "yes"}
    return render_record(
        request,
        Record(
            title=found.sku,
            subtitle=fields.name,
            state="in use" if found.is_active else "archived",
            subject=ref("catalog.item", item_id),
            back=("Items", reverse("catalog_items")),
            facts=[fact for fact in facts if fact.value not in ("", None)],
            actions=[
                Do(
                    "Archive" if found.is_active else "Use again",
                    reverse("catalog_item_archive", args=[item_id]),
                    "catalog.edit",
                    fields=archive,
                ),
                Do("Name a substitute", reverse("catalog_substitute_new", args=[item_id]), "catalog.edit", post=False),
                Do("Change", reverse("catalog_item_change", args=[item_id]), "catalog.edit", primary=True, post=False),
            ],
            tables=[
                Table("Packs", PACK_COLUMNS, found.packs),
                Table("Other codes", [Column("code", "Code", kind="code")], [{"code": c} for c in found.barcodes]),
                Table("May be replaced by", SUBSTITUTE_COLUMNS, substitutes),
            ],
        ),
    )


@page(permission="catalog.edit")
def new_item(request: HttpRequest) -> HttpResponse:
    """A form for a new item."""
    form = ItemForm(request.POST or None)

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        back = ("Items", reverse("catalog_items"))
        return render_form(request, form, title="New item", verb="Save item", refusal=refusal, back=back)

    if request.method == "POST":
        return perform_form(
            request,
            commands.create_item,
            form.to_create(),
            form=form,
            to=lambda done: reverse("catalog_item", args=[done.item_id]),
            toast="Item saved",
            again=again,
        )
    return again()


@page(permission="catalog.edit")
def change_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """A form for a stored item; the version that was read comes along."""
    found = queries.item_record(item_id)
    form = ItemForm(request.POST or None, initial=ItemForm.initial_of(found.sku, found.item, found.packs))
    form.fields["sku"].disabled = True
    read = request.POST.get("version", "")
    version = read_id(read) or found.version

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title=f"Change {found.sku}",
            verb="Save item",
            refusal=refusal,
            back=(found.sku, reverse("catalog_item", args=[item_id])),
            template="catalog/item_form.html",
            version=version,
        )

    if request.method == "POST":
        return perform_form(
            request,
            commands.update_item,
            form.to_update(item_id, version, found.packs),
            form=form,
            to=reverse("catalog_item", args=[item_id]),
            toast="Item saved",
            again=again,
        )
    return again()


@page(permission="catalog.edit", methods=("POST",))
def archive_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take an item out of use, or back."""
    read = request.POST.get("version", "")
    req = ArchiveItem(item_id, read_id(read), request.POST.get("is_active") == "yes")
    words = "Item in use" if req.is_active else "Item archived"
    return perform(request, commands.archive_item, req, to=reverse("catalog_item", args=[item_id]), toast=words)


code_source("item", "catalog.view", queries.look_up)
palette_records("Item", "catalog_item", "catalog.view", queries.look_up)

urlpatterns = [
    *pages_substitutes.urlpatterns,
    path("items", ITEMS.view, name="catalog_items"),
    path("items/new", new_item, name="catalog_item_new"),
    path("items/import", import_view(ITEMS_IMPORT, commands.import_items, back="catalog_items"), name="catalog_import"),
    path("items/<int:item_id>", item, name="catalog_item"),
    path("items/<int:item_id>/change", change_item, name="catalog_item_change"),
    path("items/<int:item_id>/archive", archive_item, name="catalog_item_archive"),
]

NAV = [NavItem("Data and setup", "Items", "catalog_items", permission="catalog.view", order=10, keys="i")]
