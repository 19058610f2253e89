"""Long work of storage: imports of large files."""

from __future__ import annotations

from flowrack.storage import commands, imports
from flowrack.platform.importing.job import add_import_job

add_import_job(imports.OPENING, commands.load_opening_stock)
