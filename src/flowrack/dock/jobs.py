"""Long work of the dock: imports of large files."""

from __future__ import annotations

from flowrack.dock import commands, imports
from flowrack.platform.importing.job import add_import_job

add_import_job(imports.ASNS, commands.import_asns)
