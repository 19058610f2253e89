"""What storage takes from files: opening stock.

A line is named by where the stock lies and what it is: site, location, item, lot, LPN and quality. Each is loaded once.
The same line again changes nothing, whatever file it comes in; the same line with other units or another cost is
refused, since stock that was opened is corrected by an adjustment.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.platform import sql
from flowrack.platform.importing import Column, Definition, Lookup, Mapped, Problems, Target, cells
from flowrack.shared.check_digits import is_valid

QUALITIES = ("available", "inspection", "quarantine", "damaged", "hold", "expired")
MOST_UNITS = 10**12
MOST_VALUE = 10**15

KEY = {
    "location_id": "s.location_id",
    "item_id": "s.item_id",
    "lot_code": "COALESCE(s.lot, '')",
    "lpn_code": "COALESCE(s.lpn, '')",
    "quality": "COALESCE(s.quality, 'available')",
}

FACTS = f"""
    FROM import_stage s
    JOIN catalog_item i ON i.id = s.item_id
    LEFT JOIN catalog_lot l ON l.item_id = s.item_id AND l.code = s.lot
    LEFT JOIN locations_location p ON p.id = s.location_id
    LEFT JOIN locations_lpn n ON n.code = s.lpn
    LEFT JOIN storage_openingline o ON {" AND ".join(f"o.{name} = {value}" for name, value in KEY.items())}
"""


@dataclass(frozen=True, slots=True)
class RowCheck:
    """What must not be in a row: `when` over FACTS, and what to say; {names} are filled from the row."""

    when: str
    column: str
    found: str
    message: str
    fix: str
    same: str


CHECKS = [
    RowCheck(
        "i.tracking = 'none' AND s.lot IS NOT NULL", "lot", "{lot}",
        "{sku} is not kept by lot, but lot {lot} was given.", "Leave the lot empty.", "The item is not kept by lot.",
    ),
    RowCheck(
        "i.tracking = 'lot' AND s.lot IS NULL AND NOT s.bad", "lot", "",
        "{sku} is kept by lot and this row names none.", "Fill in the lot from the label.", "A lot is missing.",
    ),
    RowCheck(
        "i.tracking = 'serial' AND s.lot IS NULL AND NOT s.bad", "lot", "",
        "{sku} is kept by serial number and this row names none.", "Fill in the serial number.",
        "A serial number is missing.",
    ),
    RowCheck(
        "i.tracking = 'serial' AND s.units > 1", "units", "{units}",
        "A serial number is one unit, not {units}.", "Give each unit a row with its own serial number.",
        "A serial number is one unit.",
    ),
    RowCheck(
        "i.tracking = 'none' AND s.lot IS NULL AND s.expires_on IS NOT NULL", "expires_on", "{expires}",
        "{sku} is not kept by lot, so nothing can expire.", "Leave the date empty, or keep the item by lot.",
        "An expiry date without lots.",
    ),
    RowCheck(
        "l.expires_on <> s.expires_on", "expires_on", "{expires}",
        "Lot {lot} of {sku} expires on {known}, not on {expires}.",
        "Check the date on the label; if the lot's date is wrong, correct it in the item's lots.",
        "The lot is known with another date.",
    ),
    RowCheck(
        "i.tracking <> 'none' AND i.has_expiry AND s.lot IS NOT NULL AND NOT s.bad"
        " AND COALESCE(l.expires_on, s.expires_on) IS NULL", "expires_on", "",
        "Lot {lot} of {sku} needs an expiry date.", "Give the date from the label.", "An expiry date is missing.",
    ),
    RowCheck(
        "s.unit_cost IS NULL AND NOT s.bad AND (i.costing <> 'standard' OR i.standard_cost IS NULL)", "unit_cost", "",
        "{sku} needs what one unit cost.", "Fill in the unit cost; only items at standard cost may leave it empty.",
        "A unit cost is missing.",
    ),
    RowCheck(
        f"s.units * s.unit_cost >= {MOST_VALUE}", "unit_cost", "{cost}",
        "{units} units at {cost} are worth more than the books can hold.", "Check units and unit cost.",
        "Worth more than the books can hold.",
    ),
    RowCheck(
        "NOT p.is_active", "location", "{place}",
        "{place} is out of use.", "Name another location, or put this one back into use.",
        "The location is out of use.",
    ),
    RowCheck(
        "n.closed_at IS NOT NULL", "lpn", "{lpn}",
        "{lpn} was shipped or emptied; its label may not be used again.", "Use a new label.", "The LPN is closed.",
    ),
    RowCheck(
        "n.site_id <> s.site_id", "lpn", "{lpn}",
        "{lpn} is at another site.", "Correct the code or the site.", "The LPN is at another site.",
    ),
    RowCheck(
        "o.units <> s.units", "units", "{units}",
        "Opening stock of {opened} was loaded here before; this row says {units}.",
        "Correct the stock with an adjustment, or give the rest its own LPN.",
        "Loaded before with other units.",
    ),
    RowCheck(
        "o.units = s.units AND o.unit_cost <> s.unit_cost", "unit_cost", "{cost}",
        "Opening stock was loaded here before at {opened_cost} each; this row says {cost}.",
        "Correct the value in costing, not by a second import.",
        "Loaded before at another cost.",
    ),
]  # fmt: skip

NAMES = ("sku", "lot", "lpn", "units", "expires", "known", "cost", "place", "opened", "opened_cost")


def check_rows(problems: Problems, mapped: Mapped) -> None:
    """All that one row alone can have wrong. One statement."""
    broken = ", ".join(f"COALESCE({check.when}, false)" for check in CHECKS)
    rows = sql.fetch_all(
        f"""
        SELECT * FROM (
            SELECT s.row, ARRAY[{broken}] AS broken, i.sku, s.lot, s.lpn, s.units::text, s.expires_on::text,
                   l.expires_on::text, trim_scale(s.unit_cost)::text, p.code, o.units::text,
                   trim_scale(o.unit_cost)::text
            {FACTS}
        ) found WHERE true = ANY(broken) ORDER BY row
        """  # noqa: S608 (constants of this module)
    )
    for row, flags, *values in rows:
        facts = dict(zip(NAMES, (value or "" for value in values), strict=True))
        for check, is_broken in zip(CHECKS, flags, strict=True):
            if is_broken:
                problems.add(
                    row, mapped.label(check.column), check.found.format(**facts), check.message.format(**facts),
                    check.fix, same=check.same,
                )  # fmt: skip


def check_lots_together(problems: Problems, mapped: Mapped) -> None:
    """One lot with two dates in the file."""
    rows = sql.fetch_all(
        """
        SELECT row, expires_on::text, first_row, first_day::text FROM (
            SELECT s.row, s.expires_on, first_value(s.row) OVER w AS first_row, first_value(s.expires_on) OVER w
                   AS first_day
            FROM import_stage s WHERE s.item_id IS NOT NULL AND s.lot IS NOT NULL AND s.expires_on IS NOT NULL
            WINDOW w AS (PARTITION BY s.item_id, s.lot ORDER BY s.row)
        ) t WHERE expires_on <> first_day ORDER BY row
        """
    )
    for row, day, first, first_day in rows:
        problems.add(
            row, mapped.label("expires_on"), day, f"Row {first} says that this lot expires on {first_day}.",
            "A lot has one expiry date: correct one of the rows.", same="One lot with two dates.",
        )  # fmt: skip


def check_serials(problems: Problems, mapped: Mapped) -> None:
    """A serial number at two places of the file, or in stock already."""
    rows = sql.fetch_all(
        """
        SELECT s.row, s.lot, s.is_new, min(s.row) OVER (PARTITION BY s.item_id, s.lot), place.code
        FROM import_stage s JOIN catalog_item i ON i.id = s.item_id AND i.tracking = 'serial'
        LEFT JOIN catalog_lot l ON l.item_id = s.item_id AND l.code = s.lot
        LEFT JOIN ledger_serialplace at ON at.lot_id = l.id
        LEFT JOIN ledger_cell c ON c.id = at.cell_id
        LEFT JOIN locations_location place ON place.id = c.location_id
        WHERE s.lot IS NOT NULL ORDER BY s.row
        """
    )
    for row, serial, is_new, first, place in rows:
        if row > first:
            problems.add(
                row, mapped.label("lot"), serial, f"Row {first} has this serial number too.",
                "A serial number is one unit at one place.", same="The same serial number twice.",
            )  # fmt: skip
        elif place and is_new:
            problems.add(
                row, mapped.label("lot"), serial, f"Serial number {serial} is in stock already, at {place}.",
                "Delete the row, or correct the serial number.", same="The serial number is in stock already.",
            )  # fmt: skip


def check_lpns(problems: Problems, mapped: Mapped) -> None:
    """Wrong check digits, and an LPN at two places: in the file, or there and in stock."""
    if not mapped.has("lpn"):
        return
    rows = sql.fetch_all(
        """
        SELECT row, lpn, is_new, first, first_code, first_id <> location_id, lies FROM (
            SELECT s.row, s.lpn, s.is_new, s.location_id, first_value(s.row) OVER w AS first,
                   first_value(s.location) OVER w AS first_code, first_value(s.location_id) OVER w AS first_id,
                   (SELECT min(p.code) FROM locations_lpn n JOIN ledger_cell c ON c.lpn_id = n.id AND c.on_hand > 0
                           AND c.location_id <> s.location_id
                    JOIN locations_location p ON p.id = c.location_id AND NOT p.is_virtual
                    WHERE n.code = s.lpn) AS lies
            FROM import_stage s WHERE s.lpn IS NOT NULL AND s.location_id IS NOT NULL
            WINDOW w AS (PARTITION BY s.lpn ORDER BY s.row)
        ) t ORDER BY row
        """
    )
    label = mapped.label("lpn")
    for row, code, is_new, first, first_code, elsewhere, lies in rows:
        if len(code) == 18 and code.isdigit() and not is_valid(code):
            problems.add(
                row, label, code, f"{code} is no SSCC: its check digit is wrong.", "Scan the label again.",
                same="Wrong check digit.",
            )  # fmt: skip
        elif elsewhere:
            problems.add(
                row, label, code, f"Row {first} has this LPN at {first_code}.", "An LPN stands at one place.",
                same="One LPN at two places.",
            )  # fmt: skip
        elif lies and is_new:
            problems.add(
                row, label, code, f"{code} stands at {lies}.", "Move it, or use another label.",
                same="The LPN stands elsewhere.",
            )  # fmt: skip


OPENING = Definition(
    kind="opening-stock",
    title="Opening stock",
    permission="storage.open",
    help="What lies in the house on the day of the start. Each line is loaded once; later it is moved and adjusted.",
    key=("site", "location", "sku", "lot", "lpn", "quality"),
    columns=[
        Column("site", "Site", cells.code(20), required=True, aliases=("warehouse", "site code")),
        Column("location", "Location", cells.code(40), required=True, aliases=("bin", "bin code", "location code")),
        Column("sku", "SKU", cells.code(60), required=True, aliases=("item", "item code", "stock code", "article")),
        Column(
            "units", "Units", cells.number(least=1, most=MOST_UNITS, unit="base units"), "bigint", required=True,
            aliases=("quantity", "qty", "on hand", "stock"),
        ),
        Column("unit_cost", "Unit cost", cells.decimal(places=6), "numeric", aliases=("cost", "cost per unit")),
        Column("lot", "Lot", cells.code(60), aliases=("batch", "serial", "serial number", "lot number")),
        Column("expires_on", "Expires on", cells.day, "date", aliases=("expiry", "expiry date", "best before")),
        Column("lpn", "LPN", cells.code(40), aliases=("sscc", "pallet", "license plate")),
        Column("quality", "Quality", cells.choice({q: q for q in QUALITIES}), aliases=("status", "condition")),
    ],
    lookups=[
        Lookup("site", "locations_site", "code", "site_id", "site"),
        Lookup(
            "location", "locations_location", "code", "location_id", "location",
            where="t.site_id = s.site_id AND NOT t.is_virtual",
        ),
        Lookup("sku", "catalog_item", "sku", "item_id", "item"),
    ],
    targets=[
        Target(
            table="storage_openingline",
            key=KEY,
            columns={},
            create={
                "site_id": "s.site_id",
                "units": "s.units",
                "unit_cost": "s.unit_cost",
                "expires_on": "s.expires_on",
                "file_row": "s.row",
            },
        )
    ],
    checks=[check_rows, check_lots_together, check_serials, check_lpns],
)  # fmt: skip
