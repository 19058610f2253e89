"""Reads of the days on which sites send goods."""

from __future__ import annotations

from datetime import datetime

from flowrack.platform import sql
from flowrack.promise import queries
from flowrack.promise.rules_days import rows_of


def any_stale(now: datetime) -> bool:
    """Whether a site sends goods on other days than are written. Three queries."""
    site_ids = queries.selling_sites()
    known: dict[int, set[object]] = {site_id: set() for site_id in site_ids}
    for site_id, *row in sql.fetch_all(
        'SELECT site_id, region, "on", days FROM sales_sendday WHERE site_id = ANY(%s::bigint[])', (site_ids,)
    ):
        known[site_id].add(tuple(row))
    return any(set(rows_of(site)) != known[site_id] for site_id, site in queries.sites(site_ids, now).items())
