"""What parties take from files: suppliers, their items, customers, addresses, carriers and owners."""

from __future__ import annotations

from flowrack.parties import rules_holidays
from flowrack.parties.types import LabelNeed, LastShipment, LotRule, ShipsPartial, Substitutes
from flowrack.platform import sql
from flowrack.platform.importing import Check, Column, Definition, Lookup, Mapped, Problems, Rule, Target, cells
from flowrack.platform.importing.cells import BadCell, Style

WEEKDAYS = {
    name: str(number)
    for number, names in enumerate(
        (
            ("mon", "monday"),
            ("tue", "tuesday"),
            ("wed", "wednesday"),
            ("thu", "thursday"),
            ("fri", "friday"),
            ("sat", "saturday"),
            ("sun", "sunday"),
        ),
        start=1,
    )
    for name in (*names, str(number))
}


def _holidays_of(cell: str, style: Style) -> str:
    """A country whose public holidays are known."""
    found = cells.country(cell, style)
    if found not in rules_holidays.countries():
        raise BadCell(
            f"No public holidays are known of a country “{cell}”.", "Use GB, DE, FR; or leave it empty.", "No country."
        )
    return found


PARTY_COLUMNS = [
    Column("code", "Code", cells.code(40), required=True, aliases=("number", "id", "account")),
    Column("name", "Name", cells.text(200), aliases=("company",)),
    Column("country", "Country", cells.country),
    Column("gln", "GLN", cells.gln),
    Column("email", "Email", cells.text(200), aliases=("e-mail", "mail")),
    Column("phone", "Phone", cells.text(40), aliases=("telephone",)),
    Column("is_active", "Active", cells.boolean, "boolean", default="true", aliases=("in use",)),
]
HOLIDAYS_OF = Column("holidays_of", "Holidays of", _holidays_of, help="a country: GB, DE, FR")
NAMED = Rule("e.is_new AND e.name = ''", "name", "A new row needs a name.", "Fill it in.")


def _party(part: str, *more: Column) -> Target:
    return Target(
        table="parties_party",
        key={"code": "s.code"},
        columns={c.name: c.name for c in (*PARTY_COLUMNS, *more) if c.name != "code"},
        always={f"is_{part}": "true"},
        id_into="party_id",
        versioned=True,
    )


def one_each(flag: str, group: str, what: str) -> Check:
    """A check that at most one row of a group (SQL over s) carries a flag in the file."""

    def check(problems: Problems, mapped: Mapped) -> None:
        if not mapped.has(flag):
            return
        rows = sql.fetch_all(
            f"""
            SELECT row, first FROM (
                SELECT s.row, min(s.row) OVER (PARTITION BY {group}) AS first FROM import_stage s
                WHERE s.{flag} AND {group} IS NOT NULL
            ) t WHERE row > first ORDER BY row
            """  # noqa: S608 (names of a definition)
        )
        for row, first in rows:
            problems.add(
                row, mapped.label(flag), "yes", f"Row {first} is the {what} already.", "Only one can be.",
                same=f"More than one {what}.",
            )  # fmt: skip

    return check


def check_supplier_skus(problems: Problems, mapped: Mapped) -> None:
    """A supplier's code that he already uses for another item."""
    if not mapped.has("supplier_sku"):
        return
    rows = sql.fetch_all(
        """
        SELECT s.row, s.supplier_sku, i.sku FROM import_stage s
        JOIN parties_supplieritem t ON t.supplier_id = s.supplier_id AND t.supplier_sku = s.supplier_sku
             AND t.item_id <> s.item_id
        JOIN catalog_item i ON i.id = t.item_id
        UNION ALL
        SELECT row, supplier_sku, sku FROM (
            SELECT s.row, s.supplier_sku, first_value(s.sku) OVER w AS sku, row_number() OVER w AS turn
            FROM import_stage s WHERE s.supplier_sku IS NOT NULL AND s.supplier_id IS NOT NULL
            WINDOW w AS (PARTITION BY s.supplier_id, s.supplier_sku ORDER BY s.row)
        ) t WHERE turn > 1
        ORDER BY 1
        """
    )
    for row, code, sku in rows:
        problems.add(
            row, mapped.label("supplier_sku"), code, f"The supplier uses “{code}” for {sku}.", "Correct one of them.",
            same="One supplier SKU for two items.",
        )  # fmt: skip


SUPPLIERS = Definition(
    kind="suppliers",
    title="Suppliers",
    permission="parties.edit",
    key=("code",),
    columns=[
        *PARTY_COLUMNS,
        Column(
            "lead_time_days",
            "Lead time days",
            cells.number(least=0, most=1000),
            "int",
            default="7",
            aliases=("lead time",),
        ),
        Column("min_order_value", "Minimum order value", cells.decimal(places=4), "numeric", default="0"),
        Column("order_multiple_units", "Order multiple", cells.number(least=1), "bigint", default="1"),
        Column(
            "delivery_weekdays",
            "Delivery weekdays",
            cells.words(WEEKDAYS),
            "smallint[]",
            default="'{1,2,3,4,5}'",
            help="names or numbers, Monday is 1",
        ),
        HOLIDAYS_OF,
    ],
    targets=[
        _party("supplier", HOLIDAYS_OF),
        Target(
            table="parties_supplierterms",
            key={"party_id": "s.party_id"},
            columns={
                name: name
                for name in (
                    "lead_time_days",
                    "min_order_value",
                    "order_multiple_units",
                    "delivery_weekdays",
                )
            },
            needs=("code",),
        ),
    ],
    rules=[NAMED],
)

CUSTOMERS = Definition(
    kind="customers",
    title="Customers",
    permission="parties.edit",
    key=("code",),
    columns=[
        *PARTY_COLUMNS,
        Column("tier", "Tier", cells.choice({"A": "A", "B": "B", "C": "C"}), default="'C'"),
        Column(
            "ships_partial",
            "Ships partial",
            cells.choice({**{str(p): str(p) for p in ShipsPartial}, "yes": "partial", "no": "complete"}),
            default="'partial'",
            aliases=("partial deliveries",),
        ),
        Column(
            "substitutes",
            "Substitutes",
            cells.choice({**{str(s): str(s) for s in Substitutes}, "true": "yes", "false": "no"}),
            default="'no'",
            aliases=("allows substitutes", "takes substitutes"),
            help="no, consent or yes",
        ),
        Column(
            "min_remaining_life_days",
            "Minimum remaining life days",
            cells.number(least=0, most=36500),
            "int",
            default="0",
            help="counted at delivery",
        ),
        Column("label_needs", "Labels", cells.words({str(n): str(n) for n in LabelNeed}), "varchar[]", default="'{}'"),
        Column("max_shipments", "Maximum shipments", cells.number(least=1), "int", default="NULL", help="of one order"),
        Column(
            "last_shipment",
            "Last shipment",
            cells.choice({str(s): str(s) for s in LastShipment}),
            default="'waits'",
            help="waits until all is there, or cancels the rest",
        ),
        Column("min_shipment_value", "Minimum shipment value", cells.decimal(places=4), "numeric", default="0"),
        Column(
            "cancel_after_days",
            "Cancel backorders after days",
            cells.number(least=0, most=3650),
            "int",
            default="NULL",
            help="after the wanted day",
        ),
        Column(
            "lot_rule",
            "Lots",
            cells.choice({str(rule): str(rule) for rule in LotRule}),
            default="'any'",
            help="any, same (as last time first) or new (none that he had before)",
        ),
        Column("transit_days", "Transit days", cells.number(least=0, most=365), "int", default="0"),
        Column("channel", "Sales channel", cells.code(20), default="''", help="of his orders, where none is named"),
        Column("contract", "Contract", cells.code(40), default="''", help="of his orders, where none is named"),
    ],
    targets=[
        _party("customer"),
        Target(
            table="parties_customerterms",
            key={"party_id": "s.party_id"},
            columns={
                name: name
                for name in (
                    *("tier", "ships_partial", "substitutes", "min_remaining_life_days", "label_needs"),
                    *("max_shipments", "last_shipment", "min_shipment_value", "cancel_after_days", "lot_rule"),
                    *("transit_days", "channel", "contract"),
                )
            },
            needs=("code",),
        ),
    ],
    rules=[NAMED],
)

CARRIERS = Definition(
    kind="carriers",
    title="Carriers",
    permission="parties.edit",
    key=("code",),
    columns=[*PARTY_COLUMNS, HOLIDAYS_OF],
    targets=[_party("carrier", HOLIDAYS_OF)],
    rules=[NAMED],
)

OWNERS = Definition(
    kind="owners",
    title="Owners",
    permission="parties.edit",
    key=("code",),
    columns=PARTY_COLUMNS,
    targets=[_party("owner")],
    rules=[NAMED],
)

ADDRESSES = Definition(
    kind="addresses",
    title="Addresses",
    permission="parties.edit",
    key=("party", "code"),
    columns=[
        Column("party", "Party", cells.code(40), required=True, aliases=("customer", "customer code", "party code")),
        Column("code", "Address code", cells.code(40), required=True, aliases=("code", "ship to")),
        Column("name", "Name", cells.text(200)),
        Column("lines", "Street", cells.text(400), aliases=("address", "lines", "street and number")),
        Column("city", "City", cells.text(120), aliases=("town",)),
        Column("region", "Region", cells.text(120), aliases=("state", "county")),
        Column("postcode", "Postcode", cells.code(20), aliases=("zip", "postal code")),
        Column("country", "Country", cells.country),
        Column("gln", "GLN", cells.gln),
        Column("is_default", "Default", cells.boolean, "boolean", default="false"),
        Column(
            "is_to_check", "To check", cells.boolean, "boolean", default="false", aliases=("to be checked", "verify")
        ),
        Column("is_active", "Active", cells.boolean, "boolean", default="true"),
        Column("transit_days", "Transit days", cells.number(least=0, most=365), "int", default="NULL"),
        Column("is_residential", "Residential", cells.boolean, "boolean", default="false", aliases=("home",)),
    ],
    lookups=[Lookup("party", "parties_party", "code", "party_id", "party")],
    targets=[
        Target(
            table="parties_address",
            key={"party_id": "s.party_id", "code": "s.code"},
            columns={
                name: name
                for name in (
                    *("name", "lines", "city", "region", "postcode", "country", "gln"),
                    *("is_default", "is_to_check", "is_active", "transit_days", "is_residential"),
                )
            },
        )
    ],
    rules=[NAMED],
    checks=[one_each("is_default", "s.party_id", "default address")],
    before=[
        "UPDATE parties_address t SET is_default = false FROM {stage} s WHERE s.is_default AND NOT s.bad"
        " AND t.party_id = s.party_id AND t.code <> s.code AND t.is_default"
    ],
)

# The items table is read by its key through the foreign key that supplier items have on it; it is never written here.
SUPPLIER_ITEMS = Definition(
    kind="supplier-items",
    title="Supplier items",
    permission="parties.edit",
    key=("supplier", "sku"),
    columns=[
        Column("supplier", "Supplier", cells.code(40), required=True, aliases=("supplier code", "vendor")),
        Column("sku", "SKU", cells.code(60), required=True, aliases=("item", "item code", "stock code")),
        Column("supplier_sku", "Supplier SKU", cells.code(80), aliases=("supplier item", "vendor item", "their code")),
        Column("unit_cost", "Unit cost", cells.decimal(places=6), "numeric", default="0", aliases=("cost", "price")),
        Column("moq", "MOQ", cells.number(least=1), "bigint", default="1", aliases=("minimum order quantity",)),
        Column("multiple", "Multiple", cells.number(least=1), "bigint", default="1", aliases=("order multiple",)),
        Column("lead_time_days", "Lead time days", cells.number(least=0, most=1000), "int", default="NULL"),
        Column("over_tolerance_pct", "Over tolerance pct", cells.decimal(places=2), "numeric", default="2"),
        Column("is_preferred", "Preferred", cells.boolean, "boolean", default="false"),
        Column("is_active", "Active", cells.boolean, "boolean", default="true"),
    ],
    lookups=[
        Lookup("supplier", "parties_party", "code", "supplier_id", "supplier", where="t.is_supplier"),
        Lookup("sku", "catalog_item", "sku", "item_id", "item"),
    ],
    targets=[
        Target(
            table="parties_supplieritem",
            key={"supplier_id": "s.supplier_id", "item_id": "s.item_id"},
            columns={
                name: name
                for name in (
                    "supplier_sku",
                    "unit_cost",
                    "moq",
                    "multiple",
                    "lead_time_days",
                    "over_tolerance_pct",
                    "is_preferred",
                    "is_active",
                )
            },
        )
    ],
    rules=[
        Rule("e.over_tolerance_pct > 100", "over_tolerance_pct", "More than 100 percent.", "Use 0 to 100."),
    ],
    checks=[one_each("is_preferred", "s.item_id", "preferred supplier"), check_supplier_skus],
    before=[
        "UPDATE parties_supplieritem t SET is_preferred = false FROM {stage} s WHERE s.is_preferred AND NOT s.bad"
        " AND t.item_id = s.item_id AND t.supplier_id <> s.supplier_id AND t.is_preferred"
    ],
)
ALL = (SUPPLIERS, SUPPLIER_ITEMS, CUSTOMERS, ADDRESSES, CARRIERS, OWNERS)
