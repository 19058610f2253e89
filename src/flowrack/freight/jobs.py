"""Long work of freight: imports of large files."""

from __future__ import annotations

from flowrack.freight import commands, imports
from flowrack.platform.importing.job import add_import_job

add_import_job(imports.INVOICES, commands.import_freight_invoices)
