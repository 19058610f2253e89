"""Owner Z and his goods, for tests of stock that belongs to others."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests import outbound
from tests.cast import BO, ctx

from flowrack.platform import sql
from flowrack.storage import commands_custody as commands
from flowrack.storage.types_custody import CustodyLine, CustodyMoved, GiveBack, TakeIn

BIN = "R-01"


def owner(code: str = "ZED") -> int:
    """A company that owns goods in our house."""
    return int(
        sql.fetch_value(
            "INSERT INTO parties_party (code, name, is_owner) VALUES (%s, %s, true) RETURNING id", (code, f"{code} Ltd")
        )
    )


def place(at: outbound.House) -> str:
    """The code of a bin of the reserve."""
    return str(
        sql.fetch_value(
            "SELECT code FROM locations_location WHERE site_id = %s AND role = 'reserve' ORDER BY id LIMIT 1",
            (at.site,),
        )
    )


def on(day: date) -> datetime:
    """Noon of a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def take(at: outbound.House, units: int, day: date, *, pallet: str = "", item: str = "V-200") -> CustodyMoved:
    """Bo takes goods of Z in."""
    line = CustodyLine(item, units, place(at), pallet)
    return commands.take_in(ctx(BO, now=on(day)), TakeIn(at.site, "ZED", [line]))


def give(at: outbound.House, units: int, day: date, *, pallet: str = "", item: str = "V-200") -> CustodyMoved:
    """Bo gives goods back to Z."""
    line = CustodyLine(item, units, place(at), pallet)
    return commands.give_back(ctx(BO, now=on(day)), GiveBack(at.site, "ZED", [line]))
