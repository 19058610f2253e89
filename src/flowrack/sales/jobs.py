"""What comes round by the clock: the item history is told of new order lines."""

from __future__ import annotations

from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context
from flowrack.sales import commands_holds, queries_holds
from flowrack.sales.types_holds import RefreshItemHistory


@periodic("sales.item_history", every_seconds=3_600)
def refresh_item_history(ctx: Context) -> None:
    """Tell the history of each site that has news."""
    for site_id in queries_holds.sites_with_news():
        commands_holds.refresh_item_history(ctx.keyed(str(site_id)), RefreshItemHistory(site_id))
