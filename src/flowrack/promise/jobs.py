"""What comes round by the clock: quotes lapse, suppliers' lateness is learned, promised work is summed."""

from __future__ import annotations

from datetime import timedelta

from flowrack.allocation.jobs import watch_promises
from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context
from flowrack.promise import commands, commands_days, commands_setup, queries_days, queries_lines, queries_quotes
from flowrack.promise.types import ExpireQuotes, Learn, RenewDays

SINCE = timedelta(hours=2)  # a round that was missed is made good by the next


@periodic("promise.expire_quotes", every_seconds=15)
def expire_quotes(ctx: Context) -> None:
    """Give the units of quotes back whose time is over."""
    if queries_quotes.any_over(ctx.now):
        commands.expire_quotes(ctx, ExpireQuotes())


@periodic("promise.learn_lateness", every_seconds=3_600)
def learn_lateness(ctx: Context) -> None:
    """Suppliers delivered, or did not."""
    if queries_lines.has_deliveries(ctx.now - SINCE):
        commands_setup.learn_lateness(ctx, Learn())
        watch_promises(ctx, f"{ctx.key}:watch", "Suppliers' deliveries were compared anew")


@periodic("promise.sum_work", every_seconds=300)
def sum_work(ctx: Context) -> None:
    """Work was promised and done."""
    if queries_lines.has_work():
        commands_setup.sum_work(ctx, Learn())


@periodic("promise.renew_days", every_seconds=3_600)
def renew_days(ctx: Context) -> None:
    """A day went by, or a service takes longer."""
    if queries_days.any_stale(ctx.now):
        commands_days.renew_days(ctx, RenewDays())
