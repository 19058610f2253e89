"""A small house for kernel tests: one site (or more) with a bin of each state, and items of each kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

from flowrack.ledger import steps
from flowrack.ledger.types import Move, Place, Posting
from flowrack.platform import sql
from flowrack.platform.runner import Context

_keys = count(1)
NOW = datetime(2026, 5, 14, 10, 42, tzinfo=UTC)
ZONE = "Europe/London"


def value(statement: str, *params: object) -> int:
    return int(sql.fetch_value(statement, params))


def today() -> date:
    """The day by the clock of the house: in the last hour of a summer's day it is not that of UTC any more."""
    return datetime.now(ZoneInfo(ZONE)).date()


def user() -> int:
    return value(
        """INSERT INTO platform_user (username, full_name, password, email, is_active)
           VALUES ('tess', 'Tess', '!', '', true)
           ON CONFLICT (username) DO UPDATE SET full_name = 'Tess' RETURNING id"""
    )


def context(now: datetime = NOW) -> Context:
    """A context as the door gives it, with a command record behind it."""
    actor = user()
    command = value(
        """INSERT INTO platform_commandrecord (actor_id, key, command, subject, device, fingerprint, request,
                                              occurred_at)
           VALUES (%s, %s, 'test', '', '', '', '{}', %s) RETURNING id""",
        actor,
        f"k{next(_keys)}-{id(now)}",
        now,
    )
    return Context(actor_id=actor, key="test", now=now, grants={}, command_id=command)


@dataclass
class House:
    """A site with its places by name."""

    site: int
    places: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Place:
        return Place(self.places[name])

    def virtual(self, kind: str) -> Place:
        return Place(value("SELECT id FROM locations_location WHERE site_id = %s AND code = %s", self.site, kind))


def house(code: str = "W1") -> House:
    site = value("INSERT INTO locations_site (code, name, timezone) VALUES (%s, %s, %s) RETURNING id", code, code, ZONE)
    built = House(site)
    roles = ["receiving", "inspection", "quarantine", "reserve", "forward_pick", "staged", "return_review"]
    sql.execute(
        """INSERT INTO locations_zone (site_id, code, name, role)
           SELECT %s, left(role, 20), role, role FROM unnest(%s::text[]) WITH ORDINALITY AS r(role, n) ORDER BY n""",
        (site, roles),
    )
    made = sql.fetch_all(
        """INSERT INTO locations_location (site_id, zone_id, code, role, pick_sequence)
           SELECT z.site_id, z.id, z.role || '-' || n, z.role, n
           FROM locations_zone z, generate_series(1, 2) AS n WHERE z.site_id = %s ORDER BY z.id, n
           RETURNING code, id""",
        (site,),
    )
    built.places = {code.replace("-", ""): key for code, key in made}
    return built


def item(sku: str, costing: str = "fifo", tracking: str = "none", standard_cost: str | None = None) -> int:
    return value(
        """INSERT INTO catalog_item (sku, name, costing, tracking, standard_cost) VALUES (%s, %s, %s, %s, %s::numeric)
           RETURNING id""",
        sku,
        sku,
        costing,
        tracking,
        standard_cost,
    )


def lot(item_id: int, code: str, *, serial: bool = False) -> int:
    return value(
        "INSERT INTO catalog_lot (item_id, code, is_serial) VALUES (%s, %s, %s) RETURNING id", item_id, code, serial
    )


def receive(
    at: House, item_id: int, units: int, cost: str | None, place: str = "reserve1", *, lot_id: int = 0
) -> Posting:
    """Units from the supplier straight into a bin, at `cost` each."""
    money = None if cost is None else Decimal(cost) * units
    move = Move(item_id, units, at.virtual("SUPPLIER"), at[place], "receipt", lot_id=lot_id, value=money)
    return steps.post(context(), [move])


def ship(at: House, item_id: int, units: int, place: str = "reserve1", *, lot_id: int = 0) -> Posting:
    """Units from a bin straight to the customer."""
    return steps.post(context(), [Move(item_id, units, at[place], at.virtual("CUSTOMER"), "issue", lot_id=lot_id)])


def book(at: House, item_id: int, account: str = "inventory") -> tuple[int, Decimal]:
    """(units, value) of an account."""
    row = sql.fetch_one(
        """SELECT coalesce(sum(units), 0)::bigint, coalesce(sum(value), 0) FROM ledger_book
           WHERE item_id = %s AND site_id = %s AND account = %s""",
        (item_id, at.site, account),
    )
    assert row is not None
    return row[0], row[1]


def on_hand(at: House, item_id: int, place: str) -> int:
    return value(
        "SELECT coalesce(sum(on_hand), 0) FROM ledger_cell WHERE item_id = %s AND location_id = %s",
        item_id,
        at.places[place],
    )
