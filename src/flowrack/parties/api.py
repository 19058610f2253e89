"""The parties' endpoints: companies with cursor pages and ETags, addresses, supplier items, imports."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router, Schema
from ninja.responses import Status

from flowrack.parties import commands, imports, queries
from flowrack.parties.types import (
    AddressRow,
    CarrierServiceRow,
    CreateParty,
    PartyFields,
    PartyRecord,
    PartyRow,
    PartySaved,
    SaveAddress,
    SaveCarrierService,
    SaveSupplierItem,
    UpdateParty,
)
from flowrack.platform.etags import etag, version_from
from flowrack.platform.http import context_from, requires
from flowrack.platform.importing.api import add_import

router = Router(tags=["parties"])


class PartiesOut(Schema):
    """One page of companies; `next` is the cursor of the following page, empty on the last."""

    parties: list[PartyRow]
    next: str


class PartyIn(Schema):
    """A company as it should be."""

    party: PartyFields
    is_active: bool = True


@router.get("/parties", response=PartiesOut)
@requires("parties.view")
def list_parties(request: HttpRequest, cursor: int = 0, limit: int = 100) -> PartiesOut:
    """Companies by id; send the `next` of one page as the `cursor` of the following one."""
    limit = max(1, min(limit, 100))
    rows = queries.parties_after(cursor, limit=limit)
    return PartiesOut(parties=rows, next=str(rows[-1].party_id) if len(rows) == limit else "")


@router.get("/parties/{int:party_id}", response=PartyRecord)
@requires("parties.view")
def get_party(request: HttpRequest, response: HttpResponse, party_id: int) -> PartyRecord:
    """One company with its terms; its ETag is needed to change it."""
    found = queries.party_record(party_id)
    response["ETag"] = etag(found.version)
    return found


@router.get("/parties/{int:party_id}/addresses", response=list[AddressRow])
@requires("parties.view")
def list_addresses(request: HttpRequest, party_id: int) -> list[AddressRow]:
    """The addresses in use of a company, the default first."""
    return queries.addresses([queries.party_record(party_id).party_id]).get(party_id, [])


@router.post("/parties", response={201: PartySaved})
@requires("parties.edit")
def create_party(request: HttpRequest, body: Body[CreateParty]) -> Status[PartySaved]:
    """Add a company. Send `Idempotency-Key`; a retry returns the first answer."""
    return Status(201, commands.create_party(context_from(request), body))


@router.put("/parties/{int:party_id}", response=PartySaved)
@requires("parties.edit")
def update_party(request: HttpRequest, party_id: int, body: PartyIn) -> PartySaved:
    """Change or archive a company. Send its ETag as `If-Match`."""
    req = UpdateParty(party_id, version_from(request), body.party, body.is_active)
    return commands.update_party(context_from(request), req)


@router.put("/addresses", response=PartySaved)
@requires("parties.edit")
def save_address(request: HttpRequest, body: Body[SaveAddress]) -> PartySaved:
    """Add or change an address by its code."""
    return commands.save_address(context_from(request), body)


@router.put("/supplier-items", response=PartySaved)
@requires("parties.edit")
def save_supplier_item(request: HttpRequest, body: Body[SaveSupplierItem]) -> PartySaved:
    """Say how a supplier sells an item."""
    return commands.save_supplier_item(context_from(request), body)


@router.get("/carriers/{int:carrier_id}/services", response=list[CarrierServiceRow])
@requires("parties.view")
def list_carrier_services(request: HttpRequest, carrier_id: int) -> list[CarrierServiceRow]:
    """The ways in which a carrier takes goods, those out of use too."""
    return queries.carrier_services(queries.party_record(carrier_id).party_id)


@router.put("/carrier-services", response=PartySaved)
@requires("parties.edit")
def save_carrier_service(request: HttpRequest, body: Body[SaveCarrierService]) -> PartySaved:
    """Add or change a way in which a carrier takes goods, by its code."""
    return commands.save_carrier_service(context_from(request), body)


for _definition, _command in (
    (imports.SUPPLIERS, commands.import_suppliers),
    (imports.SUPPLIER_ITEMS, commands.import_supplier_items),
    (imports.CUSTOMERS, commands.import_customers),
    (imports.ADDRESSES, commands.import_addresses),
    (imports.CARRIERS, commands.import_carriers),
    (imports.OWNERS, commands.import_owners),
):
    add_import(router, _definition, _command)
