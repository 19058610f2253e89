"""Writes of the days on which sites send goods, worked out from their set-up."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform.runner import Context
from flowrack.promise import queries
from flowrack.promise.rules_days import rows_of
from flowrack.sales import steps_days


def refresh(ctx: Context, site_ids: Sequence[int]) -> int:
    """Work out anew when sites send goods, and with it the days of their open orders; how many of these. A query, and
    three statements for each site."""
    return sum(
        steps_days.write_send_days(site_id, rows_of(site), today=site.now.date())
        for site_id, site in sorted(queries.sites(site_ids, ctx.now).items())
    )
