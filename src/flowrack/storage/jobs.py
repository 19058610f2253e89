"""Work of storage in the background: imports of large files, trying putaway rules on the past, days of transfers."""

from __future__ import annotations

from datetime import date
from typing import Any

from flowrack.platform.importing.job import add_import_job
from flowrack.platform.importing.stage import progress_to
from flowrack.platform.jobs import JobRun, job
from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context
from flowrack.storage import commands, commands_rules, commands_transfer_plans, imports, queries_transfer_plans
from flowrack.storage.types_putaway import SimulatePutaways
from flowrack.storage.types_transfer_plans import RenewTransferDays

add_import_job(imports.OPENING, commands.load_opening_stock)


@periodic("storage.renew_transfer_days", every_seconds=900)
def renew_transfer_days(ctx: Context) -> None:
    """Transfers that have not left in time come on another day, and who waits for them hears of it."""
    if queries_transfer_plans.late(ctx.now, limit=1):
        commands_transfer_plans.renew_transfer_days(ctx, RenewTransferDays())


@job(commands_rules.SIMULATION, permission="storage.rules")
def simulate_putaways(run: JobRun) -> dict[str, Any]:
    """Try a version of the putaway rules on past days."""
    days = [date.fromisoformat(run.arguments[name]) for name in ("from_on", "to_on")]
    req = SimulatePutaways(int(run.arguments["rule_set_id"]), *days)
    receipts = int(run.arguments["receipts"])
    with progress_to(lambda done, what: run.progress(min(done, receipts), receipts, what)):
        done = commands_rules.simulate_putaways(run.context("simulate"), req)
    return {
        "receipts": done.receipts,
        "placed": done.placed,
        "refused": done.refused,
        "metres": done.metres,
        "metres_then": done.metres_then,
        "page": f"/putaway-rules/{done.rule_set_id}",
    }
