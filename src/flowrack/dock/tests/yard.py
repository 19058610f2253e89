"""Builders for tests of the dock: a house with doors, a PO, and a supplier's notice made by the command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.cast import ADA, BO, NOW, ctx
from tests.supply import approved, case, house, item, supplier

from flowrack.dock import commands, commands_appointments, commands_setup
from flowrack.dock.types import AsnCreated, CreateAsns, NewAsn, NewAsnLine, NewPack
from flowrack.dock.types_appointments import AppointmentNow, Schedule, SetDoor
from flowrack.ledger.tests.house import House, value
from flowrack.platform import sql
from flowrack.purchasing.types import PoCreated
from flowrack.shared.gs1 import make_sscc

EXPECTED = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def sscc(serial: int) -> str:
    """A good SSCC of a supplier."""
    return make_sscc(0, "4012345", serial)


@dataclass(frozen=True)
class Yard:
    """A house, a supplier, a hose in cases of 20 and an approved PO of 1,000 of it."""

    house: House
    supplier: int
    hose: int
    po: PoCreated

    @property
    def site(self) -> int:
        return self.house.site


def yard() -> Yard:
    """M1 of the acceptance scenarios: 1,000 hoses as 50 cases of 20, at 4.00."""
    here, hose, ostler = house(), item("V-200"), supplier()
    case(hose, 20)
    return Yard(here, ostler, hose, approved(here.site, ostler, (hose, 1_000, "4")))


def line(sku: str = "V-200", quantity: str = "1", uom: str = "", **more: Any) -> NewAsnLine:
    """A line of a notice."""
    return NewAsnLine(sku, Decimal(quantity), uom, **more)


def notice(at: Yard, *lines: NewAsnLine, reference: str = "DN-1", packs: list[NewPack] | None = None) -> NewAsn:
    """What the supplier sends."""
    return NewAsn(at.supplier, at.site, reference, list(lines), packs or [], EXPECTED)


def announced(at: Yard, *lines: NewAsnLine, reference: str = "DN-1", packs: list[NewPack] | None = None) -> AsnCreated:
    """Bo takes the notice in."""
    return commands.create_asns(ctx(BO), CreateAsns([notice(at, *lines, reference=reference, packs=packs)])).asns[0]


def stored_lines(asn_id: int) -> list[tuple[Any, ...]]:
    """(units, SSCC, PO line, flags) of each line."""
    return sql.fetch_all(
        """
        SELECT l.units, coalesce(p.sscc, ''), coalesce(l.po_line_id, 0), l.flags FROM dock_asnline l
        LEFT JOIN dock_asnpack p ON p.id = l.pack_id WHERE l.asn_id = %s ORDER BY l.line_no
        """,
        (asn_id,),
    )


def carrier(code: str = "HAUL") -> int:
    """A carrier; the id."""
    return value(
        "INSERT INTO parties_party (code, name, is_carrier) VALUES (%s, %s, true) RETURNING id", code, f"{code} Freight"
    )


def door(at: Yard, code: str) -> int:
    """A dock door of the house; the id."""
    return value(
        """
        INSERT INTO locations_location (site_id, zone_id, code, kind, role)
        SELECT site_id, id, %s, 'door', role FROM locations_zone WHERE site_id = %s AND role = 'receiving' RETURNING id
        """,
        code,
        at.site,
    )


DOCK_TABLES = ("dock_asn", "dock_asnpack", "dock_asnline", "dock_appointment", "dock_appointmentasn")


def rows_of() -> dict[str, int]:
    """Rows of the stage's tables, to show that a refused command left no trace."""
    return {table: int(sql.fetch_value(f"SELECT count(*) FROM {table}")) for table in DOCK_TABLES}


@dataclass(frozen=True)
class Doors:
    """A yard with two doors: D1 takes live and drop, D2 also reefers and hazmat."""

    at: Yard
    d1: int
    d2: int


def doors() -> Doors:
    """Ada sets the doors up."""
    at = yard()
    d1, d2 = door(at, "D1"), door(at, "D2")
    commands_setup.set_door(ctx(ADA), SetDoor(d2, ["live", "drop", "reefer", "hazmat"]))
    return Doors(at, d1, d2)


def at_hour(hour: int, minute: int = 0) -> datetime:
    """An hour of the tests' day, 2 March 2026, in UTC (which is the site's winter time)."""
    return NOW.replace(hour=hour, minute=minute)


def booked(here: Doors, hour: int, minute: int = 0, *, door_id: int = 0, **more: Any) -> AppointmentNow:
    """Bo books a truck at D1."""
    req = Schedule(here.at.site, door_id or here.d1, at_hour(hour, minute), **{"reference": "TRUCK", **more})
    return commands_appointments.schedule(ctx(BO), req)


def on_the_calendar() -> list[tuple[str, str, int]]:
    """(state, start, minutes) of every appointment."""
    rows = sql.fetch_all(
        """
        SELECT state, to_char(lower(slot) AT TIME ZONE 'UTC', 'HH24:MI'),
               (extract(epoch FROM upper(slot) - lower(slot)) / 60)::int
        FROM dock_appointment ORDER BY id
        """
    )
    return [(row[0], row[1], row[2]) for row in rows]
