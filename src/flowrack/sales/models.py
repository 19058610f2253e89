"""Customer orders. Each unit of a line is waiting, allocated, picked, shipped or cancelled: the database adds it up."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from flowrack.platform.fields import MoneyField, UnitCostField, UnitsField, named
from flowrack.sales import (  # noqa: F401 - Django finds models here
    models_codes,
    models_days,
    models_holds,
    models_lists,
    models_substitutes,
)
from flowrack.sales.types_terms import TERMS
from flowrack.shared.quantity import Units


class Order(models.Model):
    """A confirmed customer order."""

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    ship_to = models.ForeignKey(
        "parties.Address", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reference = models.CharField(max_length=60, default="", help_text="the customer's own number")
    tier = models.CharField(max_length=1, help_text="the customer's tier when the order came in")
    policy = models.CharField(max_length=10, help_text="complete, line or partial")
    min_life_days = models.IntegerField(
        default=0, help_text="days of life that dated stock must have left when it leaves: at delivery and on the way"
    )
    transit_days = models.IntegerField(
        default=0, db_default=0, help_text="from ship_by_on to requested_on; counted in min_life_days"
    )
    substitutes = models.CharField(max_length=8, default="no", db_default="no", help_text="no, consent or yes")
    lot_rule = models.CharField(max_length=8, default="any", db_default="any", help_text="any, same or new")
    max_shipments = models.IntegerField(null=True, help_text="empty = any number")
    last_shipment = models.CharField(max_length=8, default="waits", db_default="waits", help_text="waits or cancels")
    min_shipment_value = MoneyField(default=0, db_default=0)
    cancel_after_days = models.IntegerField(null=True, help_text="after the wanted day, of what waits")
    latest_on = models.DateField(null=True, help_text="the customer takes nothing that arrives later")
    latest_ship_on = models.DateField(null=True, help_text="the last day to leave and be there on the latest day")
    channel = models.CharField(max_length=20, default="", db_default="", help_text="by which it came")
    order_type = models.CharField(max_length=20, default="", db_default="")
    contract = models.CharField(max_length=40, default="", db_default="", help_text="under which it stands")
    given_terms = ArrayField(
        models.CharField(max_length=20), default=list, db_default=[], help_text="the terms that are not its customer's"
    )
    any_site = models.BooleanField(default=False, db_default=False, help_text="the rules choose the site that sends it")
    origin = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="the order whose lines it sends from another site",
    )
    shipments = models.IntegerField(default=0, db_default=0, help_text="how many have left")
    state = models.CharField(max_length=12)
    ordered_at = models.DateTimeField()
    requested_on = models.DateField(help_text="the day on which the customer wants it at his door")
    ship_by_on = models.DateField(help_text="the last day to leave and be there on the wanted day; kept by a trigger")
    gives_ship_day = models.BooleanField(
        default=False, db_default=False, help_text="the customer names the day it leaves; the wanted day follows"
    )
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sales_order_reference_once", fields=["customer", "reference"], condition=~Q(reference="")
            ),
            models.CheckConstraint(
                name="sales_order_state_known",
                condition=Q(state__in=["confirmed", "released", "shipped", "cancelled"]),
            ),
            models.CheckConstraint(name="sales_order_tier_known", condition=Q(tier__in=["A", "B", "C"])),
            models.CheckConstraint(
                name="sales_order_policy_known", condition=Q(policy__in=["complete", "line", "partial"])
            ),
            models.CheckConstraint(
                name="sales_order_words_known",
                condition=Q(
                    substitutes__in=["no", "consent", "yes"],
                    lot_rule__in=["any", "same", "new"],
                    last_shipment__in=["waits", "cancels"],
                ),
            ),
            models.CheckConstraint(
                name="sales_order_given_terms_known", condition=Q(given_terms__contained_by=list(TERMS))
            ),
            models.CheckConstraint(
                name="sales_order_latest_not_before_wanted",
                condition=Q(latest_on=None) | Q(latest_on__gte=F("requested_on")),
            ),
            models.CheckConstraint(
                name="sales_order_shipments_within_limit",
                condition=Q(shipments__gte=0) & (Q(max_shipments=None) | Q(shipments__lte=F("max_shipments"))),
            ),
        ]
        indexes = [
            models.Index(
                name="sales_order_by_reference",
                fields=["reference"],
                opclasses=["varchar_pattern_ops"],
                condition=~Q(reference=""),
            ),
            models.Index(
                name="sales_order_open",
                fields=["site", "ship_by_on"],
                condition=Q(state__in=["confirmed", "released"]),
            ),
            models.Index(name="sales_order_beside", fields=["origin"], condition=Q(origin__isnull=False)),
            models.Index(
                name="sales_order_any_site",
                fields=["site"],
                condition=Q(state="confirmed", any_site=True),
            ),
            models.Index(
                name="sales_order_lot_rule",
                fields=["site"],
                condition=Q(state__in=["confirmed", "released"]) & ~Q(lot_rule="any"),
            ),
            models.Index(
                name="sales_order_ends_by_itself",
                fields=["requested_on"],
                condition=Q(state__in=["confirmed", "released"])
                & (Q(cancel_after_days__isnull=False) | Q(latest_on__isnull=False)),
            ),
        ]


class OrderLine(models.Model):
    """Units of one item that a customer wants."""

    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    line_no = models.IntegerField()
    item = named("catalog.Item")
    units = UnitsField(help_text="ordered")
    allocated_units = UnitsField(default=Units(0), help_text="promised from stock, not picked")
    released_units = UnitsField(default=Units(0), help_text="of the allocated: given to a picker")
    picked_units = UnitsField(default=Units(0), help_text="picked, not shipped")
    shipped_units = UnitsField(default=Units(0))
    cancelled_units = UnitsField(default=Units(0))
    open_units = models.GeneratedField(
        expression=F("units") - F("allocated_units") - F("picked_units") - F("shipped_units") - F("cancelled_units"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    unit_price = UnitCostField()
    unit_cost = UnitCostField(null=True, help_text="what a unit cost when the order came in; empty = not known")
    lot_code = models.CharField(max_length=60, default="", db_default="", help_text="the only lot that will do")
    first_promised_on = models.DateField(null=True, help_text="the day it was first promised to leave")
    promised_on = models.DateField(null=True, help_text="the same, as it was told last")
    held_at_units = UnitsField(null=True, help_text="on hold: promised, picked and shipped then")  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sales_line_held_gets_nothing",
                condition=Q(held_at_units=None)
                | Q(held_at_units__gte=F("allocated_units") + F("picked_units") + F("shipped_units")),
            ),
            models.CheckConstraint(
                name="sales_line_promises_come_together",
                condition=Q(first_promised_on=None, promised_on=None)
                | Q(first_promised_on__isnull=False, promised_on__isnull=False),
            ),
            models.UniqueConstraint(name="sales_line_no_once", fields=["order", "line_no"]),
            models.CheckConstraint(name="sales_line_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(name="sales_line_open_not_negative", condition=Q(open_units__gte=0)),
            models.CheckConstraint(
                name="sales_line_counts_not_negative",
                condition=Q(picked_units__gte=0, shipped_units__gte=0, cancelled_units__gte=0),
            ),
            models.CheckConstraint(
                name="sales_line_released_within_allocated",
                condition=Q(released_units__gte=0, released_units__lte=F("allocated_units")),
            ),
            models.CheckConstraint(name="sales_line_price_not_negative", condition=Q(unit_price__gte=0)),
        ]
        indexes = [
            models.Index(name="sales_line_waiting", fields=["order"], condition=Q(open_units__gt=0)),
            models.Index(name="sales_line_of_item", fields=["item", "order"]),
            models.Index(name="sales_line_open_of_item", fields=["item"], condition=Q(open_units__gt=0)),
            models.Index(
                name="sales_line_promised_of_item",
                fields=["item"],
                condition=Q(open_units__gt=0, promised_on__isnull=False),
            ),
        ]


class DeliveredLot(models.Model):
    """When a customer last got goods of a lot: what lot rules of later orders look at."""

    customer_id = models.BigIntegerField()
    item_id = models.BigIntegerField()
    lot_id = models.BigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="sales_delivered_lot_once", fields=["customer_id", "item_id", "lot_id"])
        ]
