"""The shapes in which the API speaks of the dock."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, Field

from flowrack.dock.queries_calendar import AppointmentRow
from flowrack.dock.types import NewAsn, NewAsnLine, NewPack
from flowrack.platform.apipages import BigId


class PackIn(Schema):
    """A pallet or carton by its SSCC; `parent` is the SSCC of the pallet on which it stands."""

    sscc: str = Field(max_length=18)
    kind: Literal["pallet", "carton"] = "pallet"
    parent: str = Field("", max_length=18)


class AsnLineIn(Schema):
    """Goods in one pack, or loose. Without `uom` the quantity counts what the code of the item stands for."""

    item: str = Field(max_length=60)
    quantity: Decimal
    uom: str = Field("", max_length=40)
    sscc: str = Field("", max_length=18)
    lot: str = Field("", max_length=60)
    produced_on: date | None = None
    expires_on: date | None = None
    po_number: str = Field("", max_length=20)
    po_line_no: int = Field(0, ge=0, le=100_000)
    is_lot_confirmed: bool = False


class AsnIn(Schema):
    """One delivery of at most 10,000 lines and as many packs; the reference is the supplier's own and comes once."""

    supplier_id: BigId
    site_id: BigId
    reference: str
    lines: list[AsnLineIn]
    packs: list[PackIn] = []
    expected_at: AwareDatetime | None = None
    carrier_id: BigId | None = None


class AsnCreatedOut(Schema):
    """An ASN that was taken in."""

    asn_id: int
    number: str
    line_ids: list[int]
    flagged: int


class AsnsOut(Schema):
    """The ASNs, in the order of the request."""

    asns: list[AsnCreatedOut]


class AsnEndedOut(Schema):
    """An ASN that was closed or cancelled."""

    asn_id: int
    number: str
    state: str
    missing_units: int


class AsnOut(Schema):
    """An ASN in the list."""

    id: int
    number: str
    reference: str
    state: str
    supplier_id: int
    supplier: str
    site_id: int
    carrier: str
    expected_at: datetime | None
    created_at: datetime
    pack_count: int
    line_count: int
    units: int
    received_units: int
    unmatched_count: int
    flagged_count: int
    appointment: str


class AsnLineOut(Schema):
    """A line of an ASN with its match."""

    asn_line_id: int
    line_no: int
    sscc: str
    pack_kind: str
    parent_sscc: str
    item_id: int
    sku: str
    units: int
    received_units: int
    lot: str
    produced_on: date | None
    expires_on: date | None
    po_line_id: int
    po_number: str
    po_line_no: int
    match_reason: str
    flags: list[str]


class AsnDetailOut(Schema):
    """An ASN with its lines."""

    asn: AsnOut
    lines: list[AsnLineOut]


class SiteOut(Schema):
    """A site."""

    site_id: int
    code: str
    name: str
    timezone: str


class HoursOut(Schema):
    """When a door is open on a weekday (1 = Monday), by the site's clock."""

    weekday: int
    opens_at: time
    closes_at: time


class DoorOut(Schema):
    """A dock door; no hours = always open."""

    location_id: int
    code: str
    capabilities: list[str]
    hours: list[HoursOut]


class DoorIn(Schema):
    """A door as it should be."""

    capabilities: list[Literal["reefer", "hazmat", "live", "drop"]]
    hours: list[HoursOut] = Field([], max_length=7)
    is_active: bool = True


class TermsOut(Schema):
    """What a carrier asks for trucks that wait."""

    free_minutes: int
    interval_minutes: int
    amount: Decimal


class PolicyOut(Schema):
    """How long things take at the doors of a site."""

    slot_minutes: int
    setup_seconds: int
    seconds_per_pallet: int
    seconds_per_case: int
    seconds_per_lot: int
    inspected_pct: int
    seconds_per_inspection: int
    people_per_door: int
    no_show_minutes: int


class FacilityOut(Schema):
    """A site with its doors."""

    site: SiteOut
    doors: list[DoorOut]
    policy: PolicyOut


class FreeSlotOut(Schema):
    """A slot that may be booked."""

    door_id: int
    door: str
    starts_at: datetime
    ends_at: datetime


class FreeSlotsOut(Schema):
    """Free slots, the length that was looked for, and why."""

    minutes: int
    why: str
    slots: list[FreeSlotOut]


class AppointmentOut(Schema):
    """An appointment; the detention clock is as of now, or as it was kept at check-out."""

    id: int
    number: str
    state: str
    site_id: int
    door_id: int | None
    door: str
    carrier_id: int | None
    carrier: str
    reference: str
    loading_type: str
    needs: list[str]
    is_walk_in: bool
    starts_at: datetime
    ends_at: datetime
    labour_minutes: int
    version: int
    checked_in_at: datetime | None
    door_at: datetime | None
    out_at: datetime | None
    detention_minutes: int
    detention_amount: Decimal
    end_reason: str
    asn_ids: list[int]
    asns: list[str]
    suppliers: list[str]


class AppointmentsOut(Schema):
    """Appointments; `next` is the cursor of the next page."""

    items: list[AppointmentOut]
    next: str | None = None


class CheckedOutOut(Schema):
    """A truck that left."""

    appointment_id: int
    number: str
    state: str
    minutes: int
    detention_minutes: int
    detention_amount: Decimal


def appointment_out(row: AppointmentRow, at: datetime) -> dict[str, Any]:
    """An appointment as the API shows it."""
    clock = row.clock(at)
    shown = {name: getattr(row, name) for name in AppointmentOut.model_fields if hasattr(row, name)}
    return {
        **shown,
        "door_id": row.door_id or None,
        "carrier_id": row.carrier_id or None,
        "loading_type": "drop" if row.is_drop else "live",
        "detention_minutes": clock.minutes,
        "detention_amount": clock.amount,
    }


def asn_of(one: AsnIn) -> NewAsn:
    """What the command wants."""
    return NewAsn(
        supplier_id=one.supplier_id,
        site_id=one.site_id,
        reference=one.reference,
        lines=[NewAsnLine(**line.model_dump()) for line in one.lines],
        packs=[NewPack(**pack.model_dump()) for pack in one.packs],
        expected_at=one.expected_at,
        carrier_id=one.carrier_id or 0,
    )
