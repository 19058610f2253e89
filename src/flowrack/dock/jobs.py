"""Long work of the dock (imports of large files), and what comes round by the clock (no-shows)."""

from __future__ import annotations

from flowrack.dock import commands, commands_appointments, imports, queries_calendar
from flowrack.dock.types_appointments import ReleaseNoShows
from flowrack.platform.importing.job import add_import_job
from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context

add_import_job(imports.ASNS, commands.import_asns)


@periodic("dock.release_no_shows", every_seconds=60)
def release_no_shows(ctx: Context) -> None:
    """Free the slots of trucks that did not come in time."""
    if queries_calendar.overdue(ctx.now):
        commands_appointments.release_no_shows(ctx, ReleaseNoShows())
