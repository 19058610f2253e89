"""Tables of parties: companies and the terms on which we buy from, sell to, ship with or keep stock for them."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from flowrack.parties.types import OWN, LabelNeed, LastShipment, LotRule, ShipsPartial, Substitutes, Tier
from flowrack.platform.fields import MoneyField, UnitCostField, UnitsField

TEXT: dict[str, Any] = {"blank": True, "default": "", "db_default": ""}
WORKDAYS = [1, 2, 3, 4, 5]


def workdays() -> list[int]:
    """Monday to Friday."""
    return [*WORKDAYS]


class Party(models.Model):
    """A company that we deal with; row 1 is our own."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    is_supplier = models.BooleanField(default=False, db_default=False)
    is_customer = models.BooleanField(default=False, db_default=False)
    is_carrier = models.BooleanField(default=False, db_default=False)
    is_owner = models.BooleanField(default=False, db_default=False)
    country = models.CharField(max_length=2, **TEXT)
    gln = models.CharField(max_length=13, **TEXT)
    email = models.CharField(max_length=200, **TEXT)
    phone = models.CharField(max_length=40, **TEXT)
    holidays_of = models.CharField(max_length=2, help_text="country whose public holidays it keeps", **TEXT)
    is_active = models.BooleanField(default=True, db_default=True)
    version = models.IntegerField(default=1, db_default=1)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "parties"
        constraints = [
            models.CheckConstraint(name="party_code_not_blank", condition=Q(code__regex=r"^\S(.*\S)?$")),
            models.CheckConstraint(
                name="party_has_a_part",
                condition=Q(is_supplier=True) | Q(is_customer=True) | Q(is_carrier=True) | Q(is_owner=True),
            ),
            models.CheckConstraint(name="party_own_company_owns", condition=~Q(id=OWN) | Q(is_owner=True)),
            models.CheckConstraint(
                name="party_country_is_iso", condition=Q(country="") | Q(country__regex="^[A-Z]{2}$")
            ),
            models.CheckConstraint(name="party_gln_digits", condition=Q(gln="") | Q(gln__regex=r"^\d{13}$")),
        ]
        indexes = [
            GinIndex(name="party_name_part", fields=["name"], opclasses=["gin_trgm_ops"]),
            models.Index(name="party_suppliers", fields=["code"], condition=Q(is_supplier=True)),
            models.Index(name="party_customers", fields=["code"], condition=Q(is_customer=True)),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class SupplierTerms(models.Model):
    """How a supplier delivers: lead time, least order, the days on which goods can come."""

    party = models.OneToOneField(Party, on_delete=models.CASCADE, related_name="supplier_terms")
    lead_time_days = models.IntegerField(default=7, db_default=7)
    min_order_value = MoneyField(default=0, db_default=0)
    order_multiple_units = UnitsField(default=1, db_default=1, help_text="of every line without its own")
    delivery_weekdays = ArrayField(
        models.SmallIntegerField(), default=workdays, db_default=WORKDAYS, help_text="1 = Monday ... 7 = Sunday"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="supplier_lead_time_not_negative", condition=Q(lead_time_days__gte=0)),
            models.CheckConstraint(name="supplier_min_order_not_negative", condition=Q(min_order_value__gte=0)),
            models.CheckConstraint(name="supplier_multiple_positive", condition=Q(order_multiple_units__gt=0)),
            models.CheckConstraint(
                name="supplier_weekdays_known",
                condition=Q(delivery_weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]) & ~Q(delivery_weekdays=[]),
            ),
        ]


class SupplierItem(models.Model):
    """An item as one supplier sells it: his code, cost, least quantity and multiple, in base units."""

    supplier = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="supplier_items")
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="supplier_items")
    supplier_sku = models.CharField(max_length=80, **TEXT)
    unit_cost = UnitCostField(default=0, db_default=0)
    moq = UnitsField(default=1, db_default=1)
    multiple = UnitsField(default=1, db_default=1)
    lead_time_days = models.IntegerField(null=True, blank=True, help_text="empty = the supplier's")
    over_tolerance_pct = models.DecimalField(max_digits=5, decimal_places=2, default=2, db_default=2)
    is_preferred = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="supplier_item_once", fields=["supplier", "item"]),
            models.UniqueConstraint(
                name="supplier_sku_once", fields=["supplier", "supplier_sku"], condition=~Q(supplier_sku="")
            ),
            models.UniqueConstraint(
                name="supplier_item_one_preferred", fields=["item"], condition=Q(is_preferred=True)
            ),
            models.CheckConstraint(name="supplier_item_cost_not_negative", condition=Q(unit_cost__gte=0)),
            models.CheckConstraint(name="supplier_item_steps_positive", condition=Q(moq__gt=0, multiple__gt=0)),
            models.CheckConstraint(
                name="supplier_item_lead_time_not_negative",
                condition=Q(lead_time_days=None) | Q(lead_time_days__gte=0),
            ),
            models.CheckConstraint(
                name="supplier_item_tolerance_pct", condition=Q(over_tolerance_pct__gte=0, over_tolerance_pct__lte=100)
            ),
        ]


class CustomerTerms(models.Model):
    """What a customer may expect: tier, partial deliveries, substitutes, freshness, shipments, lots, labels."""

    party = models.OneToOneField(Party, on_delete=models.CASCADE, related_name="customer_terms")
    tier = models.CharField(max_length=1, default=Tier.C, db_default=Tier.C)
    ships_partial = models.CharField(max_length=8, default=ShipsPartial.PARTIAL, db_default=ShipsPartial.PARTIAL)
    substitutes = models.CharField(max_length=8, default=Substitutes.NO, db_default=Substitutes.NO)
    min_remaining_life_days = models.IntegerField(default=0, db_default=0, help_text="at delivery")
    label_needs = ArrayField(models.CharField(max_length=16), default=list, db_default=[], blank=True)
    max_shipments = models.IntegerField(null=True, blank=True, help_text="of one order; empty = any number")
    last_shipment = models.CharField(max_length=8, default=LastShipment.WAITS, db_default=LastShipment.WAITS)
    min_shipment_value = MoneyField(default=0, db_default=0)
    cancel_after_days = models.IntegerField(null=True, blank=True, help_text="after the wanted day, of what waits")
    lot_rule = models.CharField(max_length=8, default=LotRule.ANY, db_default=LotRule.ANY)
    transit_days = models.IntegerField(default=0, db_default=0, help_text="where the address does not say")
    channel = models.CharField(max_length=20, help_text="by which his orders come, as a rule", **TEXT)
    contract = models.CharField(max_length=40, help_text="under which his orders stand, as a rule", **TEXT)

    class Meta:
        constraints = [
            models.CheckConstraint(name="customer_tier_known", condition=Q(tier__in=list(Tier))),
            models.CheckConstraint(name="customer_partial_known", condition=Q(ships_partial__in=list(ShipsPartial))),
            models.CheckConstraint(name="customer_life_not_negative", condition=Q(min_remaining_life_days__gte=0)),
            models.CheckConstraint(
                name="customer_words_known",
                condition=Q(
                    substitutes__in=list(Substitutes), last_shipment__in=list(LastShipment), lot_rule__in=list(LotRule)
                ),
            ),
            models.CheckConstraint(
                name="customer_limits_make_sense",
                condition=Q(min_shipment_value__gte=0, transit_days__gte=0)
                & (Q(max_shipments=None) | Q(max_shipments__gt=0))
                & (Q(cancel_after_days=None) | Q(cancel_after_days__gte=0)),
            ),
            models.CheckConstraint(
                name="customer_labels_known", condition=Q(label_needs__contained_by=[str(n) for n in LabelNeed])
            ),
        ]


class Address(models.Model):
    """A place to deliver to; each party may have one default."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="addresses")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    lines = models.TextField(**TEXT)
    city = models.CharField(max_length=120, **TEXT)
    region = models.CharField(max_length=120, **TEXT)
    postcode = models.CharField(max_length=20, **TEXT)
    country = models.CharField(max_length=2, **TEXT)
    gln = models.CharField(max_length=13, **TEXT)
    is_default = models.BooleanField(default=False, db_default=False)
    is_to_check = models.BooleanField(default=False, db_default=False, help_text="orders that go there wait")
    transit_days = models.IntegerField(null=True, blank=True, help_text="from here to there; empty = the customer's")
    is_active = models.BooleanField(default=True, db_default=True)
    is_residential = models.BooleanField(default=False, db_default=False, help_text="a home: carriers charge more")

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(name="address_code_once_per_party", fields=["party", "code"]),
            models.UniqueConstraint(name="address_one_default", fields=["party"], condition=Q(is_default=True)),
            models.CheckConstraint(
                name="address_country_is_iso", condition=Q(country="") | Q(country__regex="^[A-Z]{2}$")
            ),
            models.CheckConstraint(name="address_gln_digits", condition=Q(gln="") | Q(gln__regex=r"^\d{13}$")),
            models.CheckConstraint(
                name="address_transit_not_negative", condition=Q(transit_days=None) | Q(transit_days__gte=0)
            ),
        ]


class CarrierService(models.Model):
    """One way in which a carrier takes goods: parcel overnight, pallet, ..."""

    carrier = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="services")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    transit_days = models.IntegerField(default=1, db_default=1)
    max_parcel_weight_g = models.BigIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="carrier_service_once", fields=["carrier", "code"]),
            models.CheckConstraint(name="carrier_transit_not_negative", condition=Q(transit_days__gte=0)),
            models.CheckConstraint(
                name="carrier_weight_positive", condition=Q(max_parcel_weight_g=None) | Q(max_parcel_weight_g__gt=0)
            ),
        ]
