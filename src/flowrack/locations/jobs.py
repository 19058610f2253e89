"""Long work of locations: imports of large files."""

from __future__ import annotations

from flowrack.locations import commands, imports
from flowrack.platform.importing.job import add_import_job

add_import_job(imports.SITES, commands.import_sites)
add_import_job(imports.ZONES, commands.import_zones)
add_import_job(imports.LOCATIONS, commands.import_locations)
