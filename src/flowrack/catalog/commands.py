"""The catalogue's door: create, change and archive items, name substitutes, import."""

from __future__ import annotations

from flowrack.catalog import locks, queries, rules, steps
from flowrack.catalog.imports import ITEMS
from flowrack.catalog.models import Item, Substitute
from flowrack.catalog.types import (
    ArchiveItem,
    CreateItem,
    ItemRefused,
    ItemSaved,
    SetSubstitute,
    UnknownItem,
    UpdateItem,
)
from flowrack.platform.importing import ImportFile, ImportReport, load
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref


@command(permission="catalog.edit", result=ItemSaved)
def create_item(ctx: Context, req: CreateItem) -> ItemSaved:
    """Add an item with its packs and barcodes. Emits catalog.item_saved. Refuses with ItemRefused or SkuTaken."""
    packs = steps.with_each(req.packs)
    bad = rules.check_item(req.item) + rules.check_packs(packs)
    if not req.sku.strip() or req.sku != req.sku.strip():
        bad.append(BadLine(0, "sku", "An item needs a SKU without blanks around it.", "Fill it in."))
    _refuse(bad)
    item = Item(sku=req.sku, **steps.columns_of(req.item))
    item.save()
    steps.save_packs(item.pk, packs)
    steps.add_barcodes(item.pk, req.barcodes)
    return _saved(ctx, item)


@command(permission="catalog.edit", result=ItemSaved)
def update_item(ctx: Context, req: UpdateItem) -> ItemSaved:
    """Change an item and its packs. Emits catalog.item_saved.

    Refuses with Stale, ItemRefused, or LockedByStock: factors, costing and tracking stay while there is stock.
    """
    item = locks.item(req.item_id, req.version)
    known = {pack.level: pack for pack in queries.packs([item.pk]).get(item.pk, [])}
    packs = steps.with_each(list({**known, **{pack.level: pack for pack in req.packs}}.values()))
    _refuse(rules.check_item(req.item) + rules.check_packs(packs))
    for column, value in steps.columns_of(req.item).items():
        setattr(item, column, value)
    item.version += 1
    item.updated_at = ctx.now
    item.save()
    steps.save_packs(item.pk, req.packs)
    return _saved(ctx, item)


@command(permission="catalog.edit", result=ItemSaved)
def archive_item(ctx: Context, req: ArchiveItem) -> ItemSaved:
    """Take an item out of use (or back): it can no longer be ordered or bought; its stock and history stay."""
    item = locks.item(req.item_id, req.version)
    item.is_active = req.is_active
    item.version += 1
    item.updated_at = ctx.now
    item.save(update_fields=["is_active", "version", "updated_at"])
    return _saved(ctx, item)


@command(permission="catalog.edit", result=ItemSaved)
def set_substitute(ctx: Context, req: SetSubstitute) -> ItemSaved:
    """Say that one item may be sent for another, in that direction only; ratio 0 for 0 takes it back.

    Refuses with UnknownItem, and with ItemRefused: a ratio or pack that makes no sense, days out of order, a circle.
    """
    ids = queries.item_ids([req.sku, req.substitute])
    for name, sku in (("sku", req.sku), ("substitute", req.substitute)):
        if sku not in ids:
            raise UnknownItem(f"There is no item “{sku}”.", lines=[BadLine(0, name, f"There is no item “{sku}”.")])
    if req.sku == req.substitute:
        raise ItemRefused("An item cannot replace itself.", fix="Name another item.")
    if req.ratio_num == 0 and req.ratio_den == 0:
        Substitute.objects.filter(item_id=ids[req.sku], replaces_with_id=ids[req.substitute]).delete()
    elif req.ratio_num < 1 or req.ratio_den < 1:
        raise ItemRefused("A ratio counts whole units of both items.", fix="Use for example 1 for 1, or 2 for 1.")
    else:
        _check_substitute(req, ids)
        Substitute.objects.update_or_create(
            item_id=ids[req.sku],
            replaces_with_id=ids[req.substitute],
            defaults={
                "ratio_num": req.ratio_num,
                "ratio_den": req.ratio_den,
                "needs_consent": req.needs_consent,
                "multiple": req.multiple,
                "is_price_protected": req.is_price_protected,
                "excluded_tiers": sorted(set(req.excluded_tiers)),
                "priority": req.priority,
                "valid_from": req.valid_from,
                "valid_until": req.valid_until,
            },
        )
    return _saved(ctx, Item.objects.get(pk=ids[req.sku]))


def _check_substitute(req: SetSubstitute, ids: dict[str, int]) -> None:
    """Refuse what makes no sense, and an edge that would close a circle, naming the way."""
    bad: list[BadLine] = []
    if req.multiple < 1:
        bad.append(BadLine(0, "multiple", "A pack holds at least one unit.", "Use 1 or more."))
    unknown = sorted(set(req.excluded_tiers) - {"A", "B", "C"})
    if unknown:
        bad.append(BadLine(0, "excluded_tiers", f"There is no tier {', '.join(unknown)}.", "Use A, B, C."))
    if req.valid_from and req.valid_until and req.valid_until < req.valid_from:
        bad.append(BadLine(0, "valid_until", "It would end before it begins.", "Choose a later day."))
    locks.substitutes()
    way = rules.way_between(queries.substitute_ways(ids[req.substitute]), ids[req.substitute], ids[req.sku])
    if way:
        skus = {key: row.sku for key, row in queries.items(way).items()}
        named = " → ".join([req.sku, *(skus[item_id] for item_id in way)])
        fix = "Take one of these steps back first."
        bad.append(BadLine(0, "substitute", f"Substitutes would run in a circle: {named}.", fix))
    _refuse(bad)


@command(permission="catalog.import", result=ImportReport)
def import_items(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring items, their packs and barcodes in line with a file.

    Refuses with FileRefused (no table), ImportRefused (mistakes, each with row, column and way out).
    """
    ctx.subject = f"platform.importfile:{req.digest[:40]}"
    return load(ITEMS, req)


def _refuse(bad: list[BadLine]) -> None:
    if bad:
        raise ItemRefused(bad[0].message, lines=bad, fix=bad[0].fix)


def _saved(ctx: Context, item: Item) -> ItemSaved:
    ctx.subject = ref("catalog.item", item.pk)
    saved = ItemSaved(item_id=item.pk, sku=item.sku, version=item.version)
    ctx.emit(saved)
    return saved
