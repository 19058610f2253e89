"""What comes round by the clock: the item history is told of new order lines, and what is too late is cancelled."""

from __future__ import annotations

from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context
from flowrack.sales import commands_holds, commands_limits, queries_holds, queries_limits
from flowrack.sales.types_holds import RefreshItemHistory
from flowrack.sales.types_limits import CancelOverdue


@periodic("sales.item_history", every_seconds=3_600)
def refresh_item_history(ctx: Context) -> None:
    """Tell the history of each site that has news."""
    for site_id in queries_holds.sites_with_news():
        commands_holds.refresh_item_history(ctx.keyed(str(site_id)), RefreshItemHistory(site_id))


@periodic("sales.cancel_overdue", every_seconds=900)
def cancel_overdue(ctx: Context) -> None:
    """Cancel what customers do not take any more, site by site."""
    for site_id in queries_limits.sites_with_overdue(ctx.now):
        commands_limits.cancel_overdue(ctx.keyed(str(site_id)), CancelOverdue(site_id))
