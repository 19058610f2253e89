"""The catalogue's endpoints: items with cursor pages and ETags, codes, imports."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router, Schema
from ninja.responses import Status

from flowrack.catalog import commands, queries
from flowrack.catalog.imports import ITEMS
from flowrack.catalog.types import (
    ArchiveItem,
    CreateItem,
    ItemFields,
    ItemRecord,
    ItemRow,
    ItemSaved,
    Pack,
    Resolved,
    SetSubstitute,
    UpdateItem,
)
from flowrack.platform.etags import etag, version_from
from flowrack.platform.http import context_from, requires
from flowrack.platform.importing.api import add_import

router = Router(tags=["catalog"])


class ItemsOut(Schema):
    """One page of items; `next` is the cursor of the following page, empty on the last."""

    items: list[ItemRow]
    next: str


class ItemIn(Schema):
    """An item as it should be."""

    item: ItemFields
    packs: list[Pack] = []


class ActiveIn(Schema):
    """Whether it is in use."""

    is_active: bool


@router.get("/items", response=ItemsOut)
@requires("catalog.view")
def list_items(request: HttpRequest, cursor: int = 0, limit: int = 100) -> ItemsOut:
    """Items by id; send the `next` of one page as the `cursor` of the following one."""
    limit = max(1, min(limit, 100))
    rows = queries.items_after(cursor, limit=limit)
    return ItemsOut(items=rows, next=str(rows[-1].item_id) if len(rows) == limit else "")


@router.get("/items/{int:item_id}", response=ItemRecord)
@requires("catalog.view")
def get_item(request: HttpRequest, response: HttpResponse, item_id: int) -> ItemRecord:
    """One item with its packs and codes; its ETag is needed to change it."""
    found = queries.item_record(item_id)
    response["ETag"] = etag(found.version)
    return found


@router.post("/items", response={201: ItemSaved})
@requires("catalog.edit")
def create_item(request: HttpRequest, body: Body[CreateItem]) -> Status[ItemSaved]:
    """Add an item. Send `Idempotency-Key`; a retry returns the first answer."""
    return Status(201, commands.create_item(context_from(request), body))


@router.put("/items/{int:item_id}", response=ItemSaved)
@requires("catalog.edit")
def update_item(request: HttpRequest, item_id: int, body: ItemIn) -> ItemSaved:
    """Change an item. Send its ETag as `If-Match`."""
    req = UpdateItem(item_id, version_from(request), body.item, body.packs)
    return commands.update_item(context_from(request), req)


@router.put("/items/{int:item_id}/active", response=ItemSaved)
@requires("catalog.edit")
def archive_item(request: HttpRequest, item_id: int, body: ActiveIn) -> ItemSaved:
    """Take an item out of use, or back. Send its ETag as `If-Match`."""
    req = ArchiveItem(item_id, version_from(request), body.is_active)
    return commands.archive_item(context_from(request), req)


@router.put("/substitutes", response=ItemSaved)
@requires("catalog.edit")
def set_substitute(request: HttpRequest, body: Body[SetSubstitute]) -> ItemSaved:
    """Say that one item may be sent for another; ratio 0 for 0 takes it back."""
    return commands.set_substitute(context_from(request), body)


@router.get("/codes/{code}", response=Resolved)
@requires("catalog.view")
def resolve_code(request: HttpRequest, code: str) -> Resolved:
    """What a scanned code stands for: an item and how many units."""
    return queries.resolve_codes([code])[code]


add_import(router, ITEMS, commands.import_items)
