"""A small site with two zones for the tests of this stage."""

from __future__ import annotations

from uuid import uuid4

from flowrack.platform import sql
from flowrack.tasks.types import NewTask


def site(code: str = "T1") -> int:
    """A site; row 0 of the license plates is put back if a flush took it."""
    sql.execute("INSERT INTO locations_lpn (id, code) VALUES (0, '') ON CONFLICT DO NOTHING")
    return int(
        sql.fetch_value("INSERT INTO locations_site (code, name) VALUES (%s, %s) RETURNING id", (code, f"Site {code}"))
    )


def zone(site_id: int, code: str = "A", role: str = "reserve") -> int:
    """A zone of the site."""
    return int(
        sql.fetch_value(
            "INSERT INTO locations_zone (site_id, code, name, role) VALUES (%s, %s, %s, %s) RETURNING id",
            (site_id, code, f"Zone {code}", role),
        )
    )


def work(site_id: int, sequence: int = 0, **values: object) -> NewTask:
    """A pick task at a place in the walk."""
    return NewTask(
        **{"kind": "pick", "origin": f"test.doc:{uuid4().hex}", "site_id": site_id, "sequence": sequence, **values}
    )
