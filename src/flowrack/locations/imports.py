"""What places take from files: sites, zones and locations."""

from __future__ import annotations

import zoneinfo

from flowrack.locations.types import CLIMATES, HAZARD_CLASSES, STORAGE_CLASSES, Role
from flowrack.platform import sql
from flowrack.platform.importing import Column, Definition, Lookup, Mapped, Problems, Rule, Target, cells

ARCHIVE_EMPTY = "Move it elsewhere, then archive the place."
MOVE_OUT = "Move it out before the role changes."
PLAIN = "Use letters, digits and . _ / - only, beginning with a letter or digit."
ROLES = {**{str(r): str(r) for r in Role}, **{str(r).replace("_", " "): str(r) for r in Role}}


def _timezone(cell: str, style: cells.Style) -> str:
    if cell not in zoneinfo.available_timezones():
        near = cells.nearest(cell, sorted(zoneinfo.available_timezones()))
        raise cells.BadCell(
            f"“{cell}” is not a time zone.",
            f"Did you mean {near}?" if near else "Write for example Europe/London.",
            "Unknown time zone.",
        )
    return cell


def check_codes(problems: Problems, mapped: Mapped) -> None:
    """Codes that a label could not carry."""
    for row, found in sql.fetch_all(
        "SELECT row, code FROM import_stage WHERE code !~ '^[A-Za-z0-9][A-Za-z0-9._/-]*$' ORDER BY row"
    ):
        problems.add(row, mapped.label("code"), found, "This code has other signs.", PLAIN)


def check_zones(problems: Problems, mapped: Mapped) -> None:
    """Plain codes, and no zone with stock that gets another role."""
    check_codes(problems, mapped)
    if not mapped.has("role"):
        return
    rows = sql.fetch_all(
        """
        SELECT s.row, s.role FROM import_stage s
        JOIN locations_zone z ON z.site_id = s.site_id AND z.code = s.code AND z.role <> s.role
        WHERE EXISTS (SELECT 1 FROM locations_stocked(ARRAY(
            SELECT l.id FROM locations_location l WHERE l.zone_id = z.id))) ORDER BY s.row
        """
    )
    for row, role in rows:
        problems.add(row, mapped.label("role"), role, "Stock lies in this zone.", MOVE_OUT)


def check_locations(problems: Problems, mapped: Mapped) -> None:
    """Plain codes, a zone for every new place, no virtual place, and no place with stock that gets another role."""
    check_codes(problems, mapped)
    rows = sql.fetch_all(
        """
        SELECT s.row, s.code, t.id IS NOT NULL AND t.kind = 'virtual', s.zone_id IS NULL,
               t.id IS NOT NULL AND t.role <> z.role AND t.id IN (SELECT locations_stocked(ARRAY[t.id]))
        FROM import_stage s LEFT JOIN locations_zone z ON z.id = s.zone_id
        LEFT JOIN locations_location t ON t.site_id = s.site_id AND t.code = s.code
        WHERE s.site_id IS NOT NULL AND (t.kind = 'virtual' OR s.zone_id IS NULL OR t.role <> z.role) ORDER BY s.row
        """
    )
    for row, code, is_virtual, no_zone, is_stocked in rows:
        if is_virtual:
            problems.add(row, mapped.label("code"), code, "A place of the books.", "Choose another code.")
        elif no_zone:
            problems.add(row, mapped.label("zone"), "", "A new location needs a zone.", "Fill in its code.")
        elif is_stocked:
            problems.add(row, mapped.label("zone"), "", "Stock lies here.", MOVE_OUT)
    if not mapped.has("is_active"):
        return
    rows = sql.fetch_all(
        """
        SELECT s.row, s.code FROM import_stage s
        JOIN locations_location t ON t.site_id = s.site_id AND t.code = s.code AND t.is_active
        WHERE NOT s.is_active AND EXISTS (SELECT 1 FROM locations_stocked(ARRAY[t.id])) ORDER BY s.row
        """
    )
    for row, code in rows:
        problems.add(row, mapped.label("is_active"), code, "Stock lies here.", ARCHIVE_EMPTY)


SITES = Definition(
    kind="sites",
    title="Sites",
    permission="locations.edit",
    key=("code",),
    columns=[
        Column("code", "Code", cells.code(20), required=True, aliases=("site",)),
        Column("name", "Name", cells.text(160)),
        Column("timezone", "Time zone", _timezone, default="'UTC'"),
        Column("country", "Country", cells.country),
        Column("is_active", "Active", cells.boolean, "boolean", default="true"),
    ],
    targets=[
        Target(
            table="locations_site",
            key={"code": "s.code"},
            columns={name: name for name in ("name", "timezone", "country", "is_active")},
            versioned=True,
        )
    ],
    rules=[Rule("e.is_new AND e.name = ''", "name", "A new site needs a name.", "Fill it in.")],
    checks=[check_codes],
)

ZONES = Definition(
    kind="zones",
    title="Zones",
    permission="locations.edit",
    key=("site", "code"),
    columns=[
        Column("site", "Site", cells.code(20), required=True),
        Column("code", "Zone", cells.code(20), required=True, aliases=("code", "zone code")),
        Column("name", "Name", cells.text(160)),
        Column("role", "Role", cells.choice(ROLES), default="NULL"),
        Column("is_active", "Active", cells.boolean, "boolean", default="true"),
    ],
    lookups=[Lookup("site", "locations_site", "code", "site_id", "site")],
    targets=[
        Target(
            table="locations_zone",
            key={"site_id": "s.site_id", "code": "s.code"},
            columns={name: name for name in ("name", "role", "is_active")},
            versioned=True,
        )
    ],
    rules=[
        Rule("e.is_new AND e.role IS NULL", "role", "A new zone needs a role.", f"Use one of: {', '.join(Role)}."),
        Rule("e.is_new AND e.name = ''", "name", "A new zone needs a name.", "Fill it in."),
    ],
    checks=[check_zones],
)

LOCATIONS = Definition(
    kind="locations",
    title="Locations",
    permission="locations.edit",
    key=("site", "code"),
    columns=[
        Column("site", "Site", cells.code(20), required=True),
        Column("code", "Location", cells.code(40), required=True, aliases=("code", "bin", "bin code", "label")),
        Column("zone", "Zone", cells.code(20), default="NULL", aliases=("zone code",)),
        Column("kind", "Kind", cells.choice({"bin": "bin", "door": "door", "staging": "staging"}), default="'bin'"),
        Column(
            "pick_sequence", "Pick sequence", cells.number(least=0), "bigint", default="0", aliases=("sequence", "sort")
        ),
        Column("aisle", "Aisle", cells.code(10)),
        Column("bay", "Bay", cells.code(10)),
        Column("level", "Level", cells.code(10), aliases=("shelf",)),
        Column("slot", "Slot", cells.code(10), aliases=("position",)),
        Column("max_volume_ml", "Max volume ml", cells.number(least=1), "bigint", default="NULL"),
        Column("max_weight_g", "Max weight g", cells.number(least=1), "bigint", default="NULL"),
        Column("max_lpns", "Max LPNs", cells.number(least=1, most=10_000), "int", default="NULL", aliases=("pallets",)),
        Column("temperature", "Temperature", cells.choice({c: c for c in CLIMATES}), default="'ambient'"),
        Column(
            "hazard_classes", "Hazard classes", cells.words({c: c for c in HAZARD_CLASSES}), "varchar[]", default="'{}'"
        ),
        Column("max_height_mm", "Max height mm", cells.number(least=1, most=100_000), "int", default="NULL"),
        Column(
            "max_beam_weight_g",
            "Max beam weight g",
            cells.number(least=1),
            "bigint",
            default="NULL",
            aliases=("beam", "beam weight"),
        ),
        Column(
            "storage_classes",
            "Storage classes",
            cells.words({c: c for c in STORAGE_CLASSES}),
            "varchar[]",
            default="'{}'",
        ),
        Column("is_active", "Active", cells.boolean, "boolean", default="true"),
        Column("blocked_reason", "Blocked", cells.text(160), aliases=("blocked reason",)),
    ],
    lookups=[
        Lookup("site", "locations_site", "code", "site_id", "site"),
        Lookup("zone", "locations_zone", "code", "zone_id", "zone", where="t.site_id = s.site_id"),
    ],
    targets=[
        Target(
            table="locations_location",
            key={"site_id": "s.site_id", "code": "s.code"},
            columns={
                name: name
                for name in (
                    "kind",
                    "pick_sequence",
                    "aisle",
                    "bay",
                    "level",
                    "slot",
                    "max_volume_ml",
                    "max_weight_g",
                    "max_lpns",
                    "temperature",
                    "hazard_classes",
                    "max_height_mm",
                    "max_beam_weight_g",
                    "storage_classes",
                    "is_active",
                    "blocked_reason",
                )
            },
            always={"zone_id": "s.zone_id", "role": "(SELECT z.role FROM locations_zone z WHERE z.id = s.zone_id)"},
            versioned=True,
        )
    ],
    prepare=[
        """
        UPDATE {stage} s SET zone_id = t.zone_id FROM locations_location t
        WHERE t.site_id = s.site_id AND t.code = s.code AND s.zone IS NULL
        """
    ],
    checks=[check_locations],
)
ALL = (SITES, ZONES, LOCATIONS)
