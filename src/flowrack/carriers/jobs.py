"""Long work of carriers: imports of large files."""

from __future__ import annotations

from flowrack.carriers import commands, imports
from flowrack.platform.importing.job import add_import_job

add_import_job(imports.RATES, commands.import_rates)
add_import_job(imports.LANES, commands.import_places)
