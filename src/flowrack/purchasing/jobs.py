"""Long work of purchasing: imports of large files."""

from __future__ import annotations

from flowrack.platform.importing.job import add_import_job
from flowrack.purchasing import commands_agreements, commands_confirmations, imports_confirmations
from flowrack.purchasing.steps_agreement_import import AGREEMENT_LINES

add_import_job(AGREEMENT_LINES, commands_agreements.import_agreement_lines)
add_import_job(imports_confirmations.CONFIRMATIONS, commands_confirmations.import_confirmations)
