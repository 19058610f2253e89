"""Customers' own numbers of items from files."""

from __future__ import annotations

from flowrack.catalog.types import Level
from flowrack.platform import sql
from flowrack.platform.importing import Column, Definition, Lookup, Mapped, Problems, Rule, Target, cells
from flowrack.sales.types_codes import OWN_FIRST


def _check_codes(problems: Problems, mapped: Mapped) -> None:
    """Numbers that are SKUs of ours would never be understood as something else. One query."""
    rows = sql.fetch_all(
        """
        SELECT s.row, s.code FROM import_stage s JOIN catalog_item own ON own.sku = s.code
        WHERE NOT s.bad AND (own.id <> s.item_id OR coalesce(s.pack, '') <> '') ORDER BY s.row
        """
    )
    for row, code in rows:
        problems.add(row, mapped.label("code"), code, f"{code} is our own SKU: in orders it means that.", OWN_FIRST)


CUSTOMER_ITEMS = Definition(
    kind="customer-items",
    title="Customers' item numbers",
    permission="sales.customer_items",
    key=("customer", "code"),
    help="What customers call items in their orders, a number in each row.",
    columns=[
        Column("customer", "Customer", cells.code(40), required=True, aliases=("customer code", "account")),
        Column("code", "Their number", cells.code(80), required=True, aliases=("customer item", "buyer item")),
        Column("sku", "SKU", cells.code(60), required=True, default="NULL", aliases=("item", "item code", "article")),
        Column(
            "pack",
            "Pack",
            cells.choice({level.value: level.value for level in Level}),
            aliases=("unit", "uom"),
            help="empty for base units",
        ),
    ],
    lookups=[
        Lookup("customer", "parties_party", "code", "customer_id", "customer", where="t.is_customer"),
        Lookup("sku", "catalog_item", "sku", "item_id", "item"),
    ],
    targets=[
        Target(
            table="sales_customeritem",
            key={"customer_id": "s.customer_id", "code": "s.code"},
            columns={"item_id": "sku", "pack": "pack"},
        )
    ],
    checks=[_check_codes],
    rules=[
        Rule(
            "e.pack <> '' AND NOT EXISTS (SELECT FROM catalog_packlevel l WHERE l.item_id = e.item_id"
            " AND l.level = e.pack)",
            "pack",
            "The item has no such pack.",
            "Use one of its packs, or leave it empty for base units.",
        ),
    ],
)
