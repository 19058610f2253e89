"""Long work of the catalogue: imports of large files."""

from __future__ import annotations

from flowrack.catalog import commands, imports
from flowrack.platform.importing.job import add_import_job

add_import_job(imports.ITEMS, commands.import_items)
