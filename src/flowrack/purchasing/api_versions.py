"""Versions of purchase orders for other systems: list, compare, change, give a change up."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.purchasing import commands_versions as commands
from flowrack.purchasing import queries_pages, queries_versions, rules_versions
from flowrack.purchasing.types_versions import LineChange, PoChange, RevisePos, VersionsNow, WithdrawChanges
from flowrack.shared.quantity import Units

router = Router(tags=["purchasing"])


class LineChangeIn(Schema):
    """What becomes of a line; null = as it is. `line_no` 0 adds a line for `item_id`."""

    line_no: int = Field(0, ge=0)
    item_id: BigId | None = None
    units: int | None = None
    unit_cost: Decimal | None = None
    due_on: date | None = None
    is_dropped: bool = False


class ChangeIn(Schema):
    """A change of one approved PO, and the version (of the record) that was read. `cover_reason` buys units on top in
    spite of what is coming already."""

    po_id: BigId
    version: int
    reason: str = Field(max_length=200)
    lines: list[LineChangeIn] = []
    due_on: date | None = None
    supplier_reference: str | None = Field(None, max_length=80)
    note: str | None = None
    override_reason: str = Field("", max_length=200)
    cover_reason: str = Field("", max_length=200)


class ChangesIn(Schema):
    """Changes of POs, all or none."""

    changes: list[ChangeIn] = Field(max_length=500)


class WithdrawIn(Schema):
    """POs whose waiting change is given up, and why."""

    po_ids: list[BigId] = Field(max_length=500)
    reason: str = Field(max_length=200)


class VersionNowOut(Schema):
    """A version and its state."""

    version_id: int
    po_id: int
    number: str
    version_no: int
    state: str


class VersionsNowOut(Schema):
    """The versions, in the order of the request."""

    versions: list[VersionNowOut]


class VersionOut(Schema):
    """A version of a PO."""

    id: int
    version_no: int
    origin: str
    state: str
    due_on: date
    line_count: int
    units: int
    total: Decimal
    reason: str
    written_by: str
    written_at: datetime
    decided_by: str
    decided_at: datetime | None
    end_reason: str


class DifferenceOut(Schema):
    """A field of the head (line 0) or of a line that two versions have differently."""

    line_no: int
    label: str
    field: str
    before: str
    after: str
    is_exception: bool


def _seen(request: HttpRequest, po_id: int) -> None:
    caller = caller_of(request)
    queries_pages.access_po(po_id, caller.sites("purchasing.view") if caller else frozenset())


@router.get("/purchase-orders/{int:po_id}/versions", response=list[VersionOut])
@requires("purchasing.view")
def versions(request: HttpRequest, po_id: BigId) -> Any:
    """The versions of a PO, newest first."""
    _seen(request, po_id)
    return queries_versions.versions(po_id)


@router.get("/purchase-orders/{int:po_id}/versions/{int:before}/{int:after}", response=list[DifferenceOut])
@requires("purchasing.view")
def differences(request: HttpRequest, po_id: BigId, before: BigId, after: BigId) -> Any:
    """How two versions of a PO differ, the head first, then line by line."""
    _seen(request, po_id)
    return rules_versions.differences(*queries_versions.two_versions(po_id, before, after))


@router.post("/purchase-orders/changes", response={201: VersionsNowOut})
@requires("purchasing.create")
def change(request: HttpRequest, body: ChangesIn) -> Status[VersionsNow]:
    """Change approved POs; each change is a version that asks for approval, until then the last approved one counts."""
    changes = [
        PoChange(
            c.po_id, c.version, c.reason, [_line(x) for x in c.lines], c.due_on, c.supplier_reference, c.note,
            c.override_reason, c.cover_reason,
        )
        for c in body.changes
    ]  # fmt: skip
    return Status(201, commands.revise_pos(context_from(request), RevisePos(changes)))


def _line(x: LineChangeIn) -> LineChange:
    units = None if x.units is None else Units(x.units)
    return LineChange(x.line_no, x.item_id or 0, units, x.unit_cost, x.due_on, x.is_dropped)


@router.post("/purchase-orders/changes/withdraw", response=VersionsNowOut)
@requires("purchasing.create")
def withdraw(request: HttpRequest, body: WithdrawIn) -> VersionsNow:
    """Give up changes that wait for approval."""
    return commands.withdraw_changes(context_from(request), WithdrawChanges(list(body.po_ids), body.reason))
