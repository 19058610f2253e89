"""Long work of storage: imports of large files."""

from __future__ import annotations

from flowrack.platform.importing.job import add_import_job
from flowrack.storage import commands, imports

add_import_job(imports.OPENING, commands.load_opening_stock)
