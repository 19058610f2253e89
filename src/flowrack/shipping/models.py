"""Shipments and the proof of what left with them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from flowrack.platform.fields import MoneyField, UnitsField, named
from flowrack.shipping.models_loads import Load, LoadBehind, LoadedPlate, LoadOrder, LoadRules, LoadStop, StackedCarton
from flowrack.shipping.models_proofs import (
    DepartureNotice,
    NoticeTerms,
    Paper,
    Proof,
    ProofChain,
    ProofLine,
    ProofPhoto,
)
from flowrack.shipping.states import ShipmentState

__all__ = [
    "DepartureNotice",
    "Load",
    "LoadBehind",
    "LoadOrder",
    "LoadRules",
    "LoadStop",
    "LoadedPlate",
    "NoticeTerms",
    "Paper",
    "Proof",
    "ProofChain",
    "ProofLine",
    "ProofPhoto",
    "Shipment",
    "ShipmentLine",
    "ShipmentOrder",
    "StackedCarton",
]


class Shipment(models.Model):
    """Goods that leave together for their customers."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10)
    carrier = models.CharField(max_length=80, default="")
    tracking = models.CharField(max_length=80, default="")
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    shipped_at = models.DateTimeField(null=True)
    shipped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    posting_id = models.BigIntegerField(null=True)
    load = models.ForeignKey(Load, on_delete=models.PROTECT, null=True, related_name="shipments")
    stop_no = models.IntegerField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="shipment_state_known", condition=Q(state__in=list(ShipmentState))),
            models.CheckConstraint(
                name="shipment_delivered_says_when",
                condition=Q(state__in=["delivered", "refused"]) ^ Q(delivered_at__isnull=True),
            ),
            models.CheckConstraint(
                name="shipment_shipped_has_posting",
                condition=~Q(state__in=["shipped", "delivered", "refused"])
                | Q(posting_id__isnull=False, shipped_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="shipment_open", fields=["site", "id"], condition=Q(state="open"))]


class ShipmentOrder(models.Model):
    """An order on a shipment. An order can wait on one prepared shipment only."""

    shipment = models.ForeignKey(
        Shipment, on_delete=models.PROTECT, related_name="orders", db_index=False, db_constraint=False
    )
    order = named("sales.Order", db_index=True)
    is_waiting = models.BooleanField(help_text="on a prepared shipment that has not left")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="shipment_order_once", fields=["shipment", "order"]),
            models.UniqueConstraint(name="shipment_order_waits_once", fields=["order"], condition=Q(is_waiting=True)),
        ]


class ShipmentLine(models.Model):
    """What left: units of one order line, with lot, LPN and cost. Written once, at ship confirm."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    order_line = named("sales.OrderLine", db_index=True)
    item = named("catalog.Item")
    lot = named("catalog.Lot")
    lpn = named("locations.Lpn")
    units = UnitsField()
    cost = MoneyField()
    move_id = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(name="shipment_line_units_positive", condition=Q(units__gt=0))]
        indexes = [models.Index(name="shipment_line_by_lot", fields=["lot"], condition=~Q(lot_id=0))]
