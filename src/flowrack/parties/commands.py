"""The parties' door: companies, addresses, supplier items and imports."""

from __future__ import annotations

from flowrack.parties import imports, locks, rules, steps
from flowrack.parties.models import Address, Party, SupplierItem
from flowrack.parties.types import (
    OWN,
    CreateParty,
    PartyRefused,
    PartySaved,
    SaveAddress,
    SaveCarrierService,
    SaveSupplierItem,
    UpdateParty,
)
from flowrack.platform.importing import ImportFile, ImportReport, load
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref


@command(permission="parties.edit", result=PartySaved)
def create_party(ctx: Context, req: CreateParty) -> PartySaved:
    """Add a company with its terms. Emits parties.saved. Refuses with PartyRefused or PartyCodeTaken."""
    bad = rules.check_party(req.party)
    if not req.code.strip() or req.code != req.code.strip():
        bad.append(BadLine(0, "code", "A company needs a code without blanks around it.", "Fill it in."))
    _refuse(bad)
    party = Party(code=req.code, **steps.columns_of(req.party))
    party.save()
    steps.save_terms(party.pk, req.party)
    return _saved(ctx, party)


@command(permission="parties.edit", result=PartySaved)
def update_party(ctx: Context, req: UpdateParty) -> PartySaved:
    """Change or archive a company. Emits parties.saved. Refuses with Stale or PartyRefused."""
    party = locks.party_as_read(req.party_id, req.version)
    bad = rules.check_party(req.party)
    if party.pk == OWN and not (req.is_active and req.party.is_owner):
        bad.append(BadLine(0, "is_owner", "This is our own company: it stays an owner in use.", "Leave it so."))
    _refuse(bad)
    for column, value in steps.columns_of(req.party).items():
        setattr(party, column, value)
    party.is_active = req.is_active
    steps.save_terms(party.pk, req.party)
    return _change(ctx, party)


@command(permission="parties.edit", result=PartySaved)
def save_address(ctx: Context, req: SaveAddress) -> PartySaved:
    """Add or change an address; a new default takes over from the old one. Refuses with UnknownParty, PartyRefused."""
    party = locks.party(req.party_id)
    blank = [name for name in ("code", "name") if not getattr(req, name).strip()]
    _refuse([BadLine(0, name, f"An address needs a {name}.", "Fill it in.") for name in blank])
    if req.is_default:
        Address.objects.filter(party=party, is_default=True).exclude(code=req.code).update(is_default=False)
    steps.save_address(req)
    return _change(ctx, party)


@command(permission="parties.edit", result=PartySaved)
def save_supplier_item(ctx: Context, req: SaveSupplierItem) -> PartySaved:
    """Say how a supplier sells an item; a new preferred supplier takes over. Refuses with PartyRefused."""
    party = locks.party(req.supplier_id)
    bad = []
    if not party.is_supplier:
        bad.append(BadLine(0, "supplier_id", f"{party.name} is no supplier.", "Choose a supplier."))
    if req.unit_cost < 0:
        bad.append(BadLine(0, "unit_cost", "A cost below nothing.", "Use 0 or more."))
    bad += [
        BadLine(0, name, "Less than 1.", "Use 1 or more.") for name in ("moq", "multiple") if getattr(req, name) < 1
    ]
    if not 0 <= req.over_tolerance_pct <= 100:
        bad.append(BadLine(0, "over_tolerance_pct", "Not a percentage.", "Use 0 to 100."))
    if not steps.item_exists(req.item_id):
        bad.append(BadLine(0, "item_id", f"There is no item {req.item_id}.", "Choose an item."))
    _refuse(bad)
    if req.is_preferred:
        others = SupplierItem.objects.filter(item_id=req.item_id, is_preferred=True).exclude(supplier=party)
        others.update(is_preferred=False)
    steps.save_supplier_item(req)
    return _change(ctx, party)


@command(permission="parties.edit", result=PartySaved)
def save_carrier_service(ctx: Context, req: SaveCarrierService) -> PartySaved:
    """Add or change a way in which a carrier takes goods. Refuses with UnknownParty or PartyRefused."""
    party = locks.party(req.carrier_id)
    bad = []
    if not party.is_carrier:
        bad.append(BadLine(0, "carrier_id", f"{party.name} is no carrier.", "Choose a carrier."))
    if not req.code or req.code != "".join(req.code.split()) or len(req.code) > 40:
        bad.append(BadLine(0, "code", "A service needs a code without blanks.", "Write up to 40 letters or digits."))
    if not req.name.strip():
        bad.append(BadLine(0, "name", "A service needs a name.", "Fill it in."))
    if not 0 <= req.transit_days <= 90:
        bad.append(BadLine(0, "transit_days", "Days that make no sense.", "Use 0 to 90."))
    _refuse(bad)
    steps.save_carrier_service(req)
    return _change(ctx, party)


@command(permission="parties.edit", result=ImportReport)
def import_suppliers(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring suppliers and their terms in line with a file."""
    return load(imports.SUPPLIERS, req)


@command(permission="parties.edit", result=ImportReport)
def import_supplier_items(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring supplier items in line with a file."""
    return load(imports.SUPPLIER_ITEMS, req)


@command(permission="parties.edit", result=ImportReport)
def import_customers(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring customers and their terms in line with a file."""
    return load(imports.CUSTOMERS, req)


@command(permission="parties.edit", result=ImportReport)
def import_addresses(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring addresses in line with a file."""
    return load(imports.ADDRESSES, req)


@command(permission="parties.edit", result=ImportReport)
def import_carriers(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring carriers in line with a file."""
    return load(imports.CARRIERS, req)


@command(permission="parties.edit", result=ImportReport)
def import_owners(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring owners of stock in line with a file."""
    return load(imports.OWNERS, req)


def _refuse(bad: list[BadLine]) -> None:
    if bad:
        raise PartyRefused(bad[0].message, lines=bad, fix=bad[0].fix)


def _change(ctx: Context, party: Party) -> PartySaved:
    party.version += 1
    party.updated_at = ctx.now
    party.save()
    return _saved(ctx, party)


def _saved(ctx: Context, party: Party) -> PartySaved:
    ctx.subject = ref("parties.party", party.pk)
    saved = PartySaved(party_id=party.pk, code=party.code, version=party.version)
    ctx.emit(saved)
    return saved
