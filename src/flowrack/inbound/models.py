"""Tables of inbound."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from flowrack.inbound.states import ReceiptState
from flowrack.platform.fields import MoneyField, UnitsField


class Receipt(models.Model):
    """What came of one PO at one dock place."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    po = models.ForeignKey("purchasing.Po", on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=[(s, s) for s in ReceiptState], default=ReceiptState.OPEN)
    delivery_note = models.CharField(max_length=80, default="", blank=True)
    opened_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now())
    closed_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="receipt_one_open_per_po_and_place", fields=["po", "location"], condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="receipt_closed_says_who",
                condition=Q(state="open", closed_at=None, closed_by=None)
                | Q(state="closed", closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["site", "-id"])]


class ReceiptLine(models.Model):
    """One count: units of a PO line, with lot, LPN and quality."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="lines")
    po_line = models.ForeignKey("purchasing.PoLine", on_delete=models.PROTECT, related_name="+")
    # Not checked again: the PO line has the item, the ledger's cells the lot and LPN, the command record the person.
    # Four checks for each count were a tenth of a receipt's cost.
    item = models.ForeignKey(
        "catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    lot = models.ForeignKey(
        "catalog.Lot", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    lpn = models.ForeignKey(
        "locations.Lpn", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    units = UnitsField()
    value = MoneyField()
    quality = models.CharField(max_length=12)
    discrepancy = models.CharField(max_length=40, default="")
    posting_id = models.BigIntegerField(db_index=True)
    received_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    received_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="receipt_line_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(name="receipt_line_value_not_negative", condition=Q(value__gte=0)),
        ]
        indexes = [
            models.Index(name="receipt_line_by_item", fields=["item", "id"]),
            BrinIndex(name="receipt_line_by_time", fields=["received_at"], pages_per_range=16),
        ]
