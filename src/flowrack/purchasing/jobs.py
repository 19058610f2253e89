"""Long work of purchasing: imports of large files."""

from __future__ import annotations

from flowrack.platform.importing.job import add_import_job
from flowrack.purchasing import commands_confirmations, imports_confirmations

add_import_job(imports_confirmations.CONFIRMATIONS, commands_confirmations.import_confirmations)
