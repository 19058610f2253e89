"""Long work of parties: imports of large files."""

from __future__ import annotations

from flowrack.parties import commands, imports
from flowrack.platform.importing.job import add_import_job

add_import_job(imports.SUPPLIERS, commands.import_suppliers)
add_import_job(imports.SUPPLIER_ITEMS, commands.import_supplier_items)
add_import_job(imports.CUSTOMERS, commands.import_customers)
add_import_job(imports.ADDRESSES, commands.import_addresses)
add_import_job(imports.CARRIERS, commands.import_carriers)
add_import_job(imports.OWNERS, commands.import_owners)
