"""A house for benchmarks: one site, bins in every state and so many items, made by a few set-based statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.db import transaction

from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.platform import sql
from flowrack.platform.roles import sync_roles
from flowrack.platform.runner import Context

NOW = datetime(2026, 5, 14, 10, 42, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class World:
    """Ids of what the benchmarks move about."""

    site_id: int
    actor_id: int
    items: list[int]
    bins: dict[str, list[int]]
    virtual: dict[str, int]

    def context(self) -> Context:
        """A context with a command record behind it, as the door gives it."""
        command = sql.fetch_value(
            """
            INSERT INTO platform_commandrecord (actor_id, key, command, subject, device, fingerprint, request,
                                                occurred_at)
            VALUES (%s, gen_random_uuid()::text, 'bench', '', '', '', '{}', %s) RETURNING id
            """,
            (self.actor_id, NOW),
        )
        return Context(actor_id=self.actor_id, key="bench", now=NOW, grants={}, command_id=int(command))

    def bin(self, role: str, n: int) -> Place:
        """The n-th bin of a role, counted round."""
        bins = self.bins[role]
        return Place(bins[n % len(bins)])

    def stock(self, units: int, role: str = "receiving", *, items: list[int] | None = None) -> None:
        """Receive so many units of every item, each into one bin of the role."""
        source = Place(self.virtual["SUPPLIER"])
        with transaction.atomic():
            ledger.post(
                self.context(),
                [
                    Move(item, units, source, self.bin(role, n), "receipt", value=Decimal(units))
                    for n, item in enumerate(items or self.items)
                ],
            )

    def receive_once(self, dock: int) -> None:
        """One unit of every item came in over the dock before: the house has the cells and books of one at work."""
        supplier = Place(self.virtual["SUPPLIER"])
        with transaction.atomic():
            moves = [Move(item, 1, supplier, Place(dock), "receipt", value=Decimal(1)) for item in self.items]
            ledger.post(self.context(), moves)

    def ship_once(self, role: str) -> None:
        """One unit of every item leaves over staging, so that the house has the cells and books of one at work."""
        customer = Place(self.virtual["CUSTOMER"])
        staging = self.bin("staged", 0)
        legs = [
            [Move(item, 1, self.bin(role, n), staging, "pick") for n, item in enumerate(self.items)],
            [Move(item, 1, staging, customer, "issue") for item in self.items],
        ]
        for moves in legs:
            with transaction.atomic():
                ledger.post(self.context(), moves)


def build(items: int, *, bins_per_role: int = 200, costing: str = "fifo") -> World:
    """Make the site, its zones and bins, the items and one user with every role."""
    sync_roles()
    actor = _person("bench")
    ids = sql.fetch_all(
        """
        INSERT INTO catalog_item (sku, name, costing)
        SELECT 'BENCH-' || g, 'Bench item ' || g, %s FROM generate_series(1, %s::int) AS g RETURNING id
        """,
        (costing, items),
    )
    return add_site("BENCH", actor, [row[0] for row in ids], bins_per_role=bins_per_role)


def add_site(code: str, actor_id: int, items: list[int], *, bins_per_role: int = 200) -> World:
    """Another site with its zones and bins, for the same items and person."""
    site = sql.fetch_value("INSERT INTO locations_site (code, name) VALUES (%s, 'Bench') RETURNING id", (code,))
    sql.execute(
        """
        INSERT INTO locations_zone (site_id, code, name, role)
        SELECT %s, role, role, role FROM unnest(%s::text[]) AS r(role)
        """,
        (site, ["receiving", "reserve", "forward_pick", "staged", "return_review"]),
    )
    sql.execute(
        """
        INSERT INTO locations_location (site_id, zone_id, code, role, pick_sequence)
        SELECT z.site_id, z.id, z.role || '-' || g, z.role, g
          FROM locations_zone z CROSS JOIN generate_series(1, %s::int) AS g WHERE z.site_id = %s
        """,
        (bins_per_role, site),
    )
    places: dict[str, list[int]] = {}
    virtual: dict[str, int] = {}
    for location, place, role, is_virtual in sql.fetch_all(
        "SELECT id, code, role, is_virtual FROM locations_location WHERE site_id = %s ORDER BY pick_sequence, id",
        (site,),
    ):
        if is_virtual or place == "TRANSIT":
            virtual[place] = location
        else:
            places.setdefault(role, []).append(location)
    return World(int(site), actor_id, items, places, virtual)


def second_person() -> int:
    """Another user with every role: who orders may not also approve and receive."""
    return _person("bench-two")


def _person(username: str) -> int:
    actor = sql.fetch_value(
        """
        INSERT INTO platform_user (username, full_name, password, email, is_active)
        VALUES (%s, 'Bench', '!', '', true) RETURNING id
        """,
        (username,),
    )
    sql.execute(
        "INSERT INTO platform_userrole (user_id, role_id, site_id) SELECT %s, id, 0 FROM platform_role", (actor,)
    )
    return int(actor)
