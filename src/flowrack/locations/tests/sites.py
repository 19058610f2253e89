"""Builders for the tests of places: a site with a zone and a bin, made through the door, and files to import."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tests.cast import PAM, ctx

from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context, item
from flowrack.ledger.types import Move, Place
from flowrack.locations import commands, queries
from flowrack.locations.models import Location
from flowrack.locations.types import BuildLocations, CreateSite, CreateZone, Pattern, Role
from flowrack.platform.importing import ImportFile, store_file


@dataclass(frozen=True)
class London:
    """Site LDN with zone R (reserve) and its bins R-1 and R-2."""

    site: int
    zone: int
    bins: list[int]


def london() -> London:
    """The site, made by commands."""
    site = commands.create_site(ctx(PAM), CreateSite("LDN", "London", "Europe/London", "GB"))
    zone = commands.create_zone(ctx(PAM), CreateZone(site.id, "R", "Reserve", Role.RESERVE))
    commands.build_locations(ctx(PAM), BuildLocations(zone.id, Pattern("R", "1-2", "1", code="{aisle}-{bay}")))
    return London(
        site.id, zone.id, list(Location.objects.filter(zone_id=zone.id).order_by("code").values_list("id", flat=True))
    )


def fill(at: London) -> int:
    """Five units come from the supplier into R-1; the item."""
    mug = item("MUG")
    supplier = Place(queries.virtual(at.site, "SUPPLIER"))
    ledger.post(context(), [Move(mug, 5, supplier, Place(at.bins[0]), "receipt", value=Decimal(20))])
    return mug


def clear(at: London, item_id: int) -> None:
    """The five units leave again."""
    customer = Place(queries.virtual(at.site, "CUSTOMER"))
    ledger.post(context(), [Move(item_id, 5, Place(at.bins[0]), customer, "issue")])


def file_of(text: str) -> ImportFile:
    """A stored file."""
    return ImportFile(store_file(text.encode(), "f.csv"), "f.csv")
