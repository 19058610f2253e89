"""Labels of received pallets, for devices and other systems."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Router, Schema

from flowrack.inbound import commands_labels
from flowrack.inbound.types_labels import PlatesPrinted, PrintPlateLabels
from flowrack.platform.apipages import BigId
from flowrack.platform.http import context_from

router = Router(tags=["inbound"])


class PlateLabelsIn(Schema):
    """Copies 0 = as the spec says."""

    copies: int = Field(0, ge=0, le=20)


class PlatesPrintedOut(Schema):
    """The plates, and their prints in the same order; the ZPL of each is fetched by its id."""

    plates: list[str]
    print_ids: list[int]


@router.post("/receipts/{int:receipt_id}/labels", response=PlatesPrintedOut)
def print_plate_labels(request: HttpRequest, receipt_id: BigId, body: PlateLabelsIn) -> PlatesPrinted:
    """Print a label for each license plate of a receipt."""
    return commands_labels.print_plate_labels(context_from(request), PrintPlateLabels(receipt_id, body.copies))
