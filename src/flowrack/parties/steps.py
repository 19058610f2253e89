"""Writes of parties that must run inside somebody's command."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flowrack.parties.models import Address, CarrierService, CustomerTerms, SupplierItem, SupplierTerms
from flowrack.parties.types import (
    PartyCodeTaken,
    PartyFields,
    PartyRefused,
    SaveAddress,
    SaveCarrierService,
    SaveSupplierItem,
)
from flowrack.platform import sql
from flowrack.platform.runner import refuse_on


def ensure_zero_rows() -> None:
    """Put row 1 (our own company) back; for tests whose database was emptied."""
    sql.execute(
        "INSERT INTO parties_party (id, code, name, is_owner) VALUES (1, 'OWN', 'Our company', true)"
        " ON CONFLICT DO NOTHING"
    )
    sql.fetch_value(
        "SELECT setval(pg_get_serial_sequence('parties_party', 'id'), GREATEST(1, (SELECT max(id) FROM parties_party)))"
    )


def columns_of(party: PartyFields) -> dict[str, Any]:
    """A company's fields as columns; terms say which parts it plays."""
    values = {f.name: getattr(party, f.name) for f in fields(party) if f.name not in ("supplier", "customer")}
    return {**values, "is_supplier": party.supplier is not None, "is_customer": party.customer is not None}


def save_terms(party_id: int, party: PartyFields) -> None:
    """Bring a company's terms in line; terms of a part that ended stay for its history."""
    if party.supplier is not None:
        terms = {f.name: getattr(party.supplier, f.name) for f in fields(party.supplier)}
        SupplierTerms.objects.update_or_create(party_id=party_id, defaults=terms)
    if party.customer is not None:
        terms = {f.name: getattr(party.customer, f.name) for f in fields(party.customer)}
        CustomerTerms.objects.update_or_create(party_id=party_id, defaults=terms)


def save_address(req: SaveAddress) -> None:
    """Add or change one address."""
    values = {f.name: getattr(req, f.name) for f in fields(req) if f.name not in ("party_id", "code")}
    Address.objects.update_or_create(party_id=req.party_id, code=req.code, defaults=values)


def save_supplier_item(req: SaveSupplierItem) -> None:
    """Add or change one supplier item."""
    values = {f.name: getattr(req, f.name) for f in fields(req) if f.name not in ("supplier_id", "item_id")}
    SupplierItem.objects.update_or_create(supplier_id=req.supplier_id, item_id=req.item_id, defaults=values)


def save_carrier_service(req: SaveCarrierService) -> None:
    """Add or change one service of a carrier."""
    values = {f.name: getattr(req, f.name) for f in fields(req) if f.name not in ("carrier_id", "code")}
    CarrierService.objects.update_or_create(carrier_id=req.carrier_id, code=req.code, defaults=values)


def item_exists(item_id: int) -> bool:
    """Whether the foreign key to this item would hold."""
    return bool(sql.fetch_value("SELECT EXISTS (SELECT FROM catalog_item WHERE id = %s)", (item_id,)))


refuse_on(
    "parties_party_code_key", lambda: PartyCodeTaken("Another company has this code.", fix="Choose another code.")
)
refuse_on(
    "supplier_sku_once",
    lambda: PartyRefused("The supplier uses this code for another item.", fix="Correct one of the two."),
)
