"""Long work of storage: imports of large files, and trying putaway rules on the past."""

from __future__ import annotations

from datetime import date
from typing import Any

from flowrack.platform.importing.job import add_import_job
from flowrack.platform.importing.stage import progress_to
from flowrack.platform.jobs import JobRun, job
from flowrack.storage import commands, commands_rules, imports
from flowrack.storage.types_putaway import SimulatePutaways

add_import_job(imports.OPENING, commands.load_opening_stock)


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
