"""The button that prints the labels of a receipt's pallets."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.inbound import commands_labels
from flowrack.inbound.types_labels import PrintPlateLabels
from flowrack.platform.web.access import page
from flowrack.platform.web.record import Do, Record, record_actions
from flowrack.platform.web.render import perform


@page("inbound.receive", methods=("POST",))
def print_plates(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Print a label for each license plate of a receipt."""
    return perform(
        request, commands_labels.print_plate_labels, PrintPlateLabels(receipt_id),
        to=lambda done: f"{reverse('label_prints')}?kind=receipt",
        toast=lambda done: f"{len(done.plates):,} label{'' if len(done.plates) == 1 else 's'} printed",
    )  # fmt: skip


def _offer(record: Record) -> list[Do]:
    receipt_id = int(record.subject.partition(":")[2])
    return [Do("Print pallet labels", reverse("inbound_plate_labels", args=[receipt_id]), "inbound.receive")]


record_actions("inbound.receipt", _offer)

urlpatterns = [path("receipts/<int:receipt_id>/labels", print_plates, name="inbound_plate_labels")]
