"""Where devices work: their sites and zones. Each function is one statement."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.devices.types import DeviceNotWorking, OtherSite
from flowrack.platform import sql
from flowrack.platform.web.viewer import device_site_source


def place_of(code: str) -> tuple[int, list[int]]:
    """The site of a device at work, and its zones (none = all of them); refuses with DeviceNotWorking. One query."""
    row = sql.fetch_one(
        """
        SELECT d.site_id, ARRAY(SELECT z.zone_id FROM devices_devicezone z WHERE z.device_id = d.id ORDER BY 1)
        FROM devices_device d WHERE d.code = %s AND d.state = 'enrolled'
        """,
        (code[:20],),
    )
    if row is None:
        raise DeviceNotWorking("This device is not at work in the house.", fix="Open the set-up page on it.")
    return row[0], list(row[1])


def refuse_other_site(code: str, site_id: int, what: str) -> None:
    """Refuse with OtherSite work that is not at the site of the device on which it is asked for. One query.

    Whoever works on no device of the house (a desk, a phone that has not joined) works where their rights are.
    """
    row = sql.fetch_one(
        """
        SELECT here.code, there.code FROM devices_device d
        JOIN locations_site here ON here.id = d.site_id JOIN locations_site there ON there.id = %s
        WHERE d.code = %s AND d.state = 'enrolled' AND d.site_id <> there.id
        """,
        (site_id, code[:20]),
    )
    if row:
        raise OtherSite(
            f"{what} is at {row[1]}; this device works at {row[0]}.",
            fix=f"Take work of {row[0]}, or let the lead move the device to {row[1]}.",
        )


@device_site_source
def site_of(code: str) -> int:
    """The site of a device at work; 0 for one that is not. One query."""
    found: int | None = sql.fetch_value(
        "SELECT site_id FROM devices_device WHERE code = %s AND state = 'enrolled'", (code[:20],)
    )
    return found or 0


def zones_at(site_id: int, zone_ids: Sequence[int]) -> set[int]:
    """Which of these zones are the site's."""
    rows = sql.fetch_all(
        "SELECT id FROM locations_zone WHERE site_id = %s AND id = ANY(%s::bigint[])", (site_id, list(zone_ids))
    )
    return {row[0] for row in rows}
