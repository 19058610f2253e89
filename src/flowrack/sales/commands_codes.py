"""The door of customers' own numbers of items."""

from __future__ import annotations

from flowrack.catalog import queries as catalog
from flowrack.parties import queries as parties
from flowrack.platform import sql
from flowrack.platform.importing import ImportFile, ImportReport, load
from flowrack.platform.runner import Context, command
from flowrack.sales import imports_codes
from flowrack.sales.types_codes import OWN_FIRST, BadCustomerItem, CustomerItemSet, SetCustomerItem
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref


@command(permission="sales.customer_items", result=CustomerItemSet)
def set_customer_item(ctx: Context, req: SetCustomerItem) -> CustomerItemSet:
    """Write down what a customer calls an item: order entry and promises understand it from now on.

    Refuses with BadCustomerItem, naming every field that is wrong.
    """
    code, sku, pack = req.code.strip(), req.item.strip(), req.pack.strip().lower()
    customer = parties.find_by_code([req.customer.strip()]).get(req.customer.strip())
    item_id = catalog.item_ids([sku]).get(sku) if sku else None
    bad = []
    if customer is None or not customer.is_customer:
        bad.append(BadLine(0, "customer", f"There is no customer “{req.customer}”.", "Check the code."))
    if not code:
        bad.append(BadLine(0, "code", "The customer's number is missing.", "Type it as it stands in his orders."))
    if sku and item_id is None:
        bad.append(BadLine(0, "item", f"There is no item “{sku}”.", "Check the SKU."))
    levels = [one.level for one in catalog.packs([item_id]).get(item_id, [])] if item_id and pack else []
    if item_id and pack and pack not in levels:
        has = ", ".join(levels) or "none"
        bad.append(BadLine(0, "pack", f"{sku} has no pack “{req.pack}”.", f"Its packs: {has}. Empty for base units."))
    own_id = catalog.item_ids([code]).get(code) if code and item_id else None
    if own_id is not None and (own_id != item_id or pack):
        said = f"{code} is our own SKU{'' if own_id == item_id else ' of another item'}: in orders it means that."
        bad.append(BadLine(0, "code", said, OWN_FIRST))
    if bad or customer is None:
        raise BadCustomerItem(bad[0].message, lines=bad, fix=bad[0].fix)
    ctx.subject = ref("parties.party", customer.party_id)
    if item_id is None:
        sql.execute(
            "DELETE FROM sales_customeritem WHERE customer_id = %s AND code = %s", (customer.party_id, code[:80])
        )
        return CustomerItemSet(0)
    made = sql.fetch_value(
        """
        INSERT INTO sales_customeritem (customer_id, code, item_id, pack) VALUES (%s, %s, %s, %s)
        ON CONFLICT (customer_id, code) DO UPDATE SET item_id = EXCLUDED.item_id, pack = EXCLUDED.pack RETURNING id
        """,
        (customer.party_id, code[:80], item_id, pack),
    )
    return CustomerItemSet(int(made))


@command(permission="sales.customer_items", result=ImportReport)
def import_customer_items(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring customers' numbers of items in line with a file. Refuses with ImportRefused."""
    return load(imports_codes.CUSTOMER_ITEMS, req)
