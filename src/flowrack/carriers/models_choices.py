"""Tables of what was chosen: the goods, every service that was looked at, and what each would have cost.

Written once; a later choice for the same order is another row. They keep all that the rule was given, so that
`queries_choices.replay` comes to the same answer from them.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from flowrack.platform.fields import MoneyField, named

STAGES = ("planned", "packed", "again", "person")


class Choice(models.Model):
    """Which service takes the goods of some orders for one place."""

    site = named("locations.Site")
    stage = models.CharField(max_length=7, help_text="at release, with real weights, again after a slip, by a person")
    customer = named("parties.Party")
    origin_country = models.CharField(max_length=2, default="")
    country = models.CharField(max_length=2, default="")
    region = models.CharField(max_length=120, default="")
    postcode = models.CharField(max_length=20, default="")
    is_residential = models.BooleanField(default=False)
    ready_on = models.DateField(help_text="by the site's own clock, as all times here")
    ready_time = models.TimeField()
    leaves_by = models.DateField(null=True)
    arrives_by = models.DateField(null=True)
    late_day_cost = MoneyField()
    has_required = models.BooleanField(default=False, db_default=False, help_text="the guide requires services")
    has_allowed = models.BooleanField(
        default=False, db_default=False, help_text="the routing guide names the services that are allowed"
    )
    lines = models.IntegerField(help_text="order lines that it is for")
    service = named("parties.CarrierService", null=True)
    cost = MoneyField(help_text="freight of the chosen service")
    wave_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, default="", help_text="of the person, or what slipped")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="carrier_choice_stage", condition=Q(stage__in=STAGES)),
            models.CheckConstraint(name="carrier_choice_person_says_why", condition=~Q(stage="person") | ~Q(reason="")),
        ]
        indexes = [
            models.Index(name="carrier_choice_of_site", fields=["site", "-id"]),
            models.Index(name="carrier_choice_of_wave", fields=["wave_id"], condition=Q(wave_id__isnull=False)),
        ]


class ChoiceOrder(models.Model):
    """An order that a choice is for; its last choice counts."""

    choice = models.ForeignKey(Choice, on_delete=models.PROTECT, related_name="orders", db_constraint=False)
    order_id = models.BigIntegerField()
    is_latest = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="carrier_choice_latest_once", fields=["order_id"], condition=Q(is_latest=True)
            ),
        ]
        indexes = [models.Index(name="carrier_choice_of_order", fields=["order_id", "-id"])]


class ChoiceParcel(models.Model):
    """A parcel as the choice saw it; sides 0 = nobody measured it."""

    choice = models.ForeignKey(Choice, on_delete=models.PROTECT, related_name="parcels", db_constraint=False)
    number = models.IntegerField()
    weight_g = models.BigIntegerField()
    length_mm = models.IntegerField()
    width_mm = models.IntegerField()
    height_mm = models.IntegerField()
    hazards = ArrayField(models.CharField(max_length=8), help_text="2.1, or 2.1 LQ")
    is_pallet = models.BooleanField()


class ChoiceOption(models.Model):
    """A service that was looked at: rank 1 is the best; rejected ones say why."""

    choice = models.ForeignKey(Choice, on_delete=models.PROTECT, related_name="options", db_constraint=False)
    rank = models.IntegerField()
    service = named("parties.CarrierService")
    card_id = models.BigIntegerField()
    is_chosen = models.BooleanField()
    why = models.CharField(max_length=12, help_text="empty = it could")
    words = models.CharField(max_length=200)
    is_last_resort = models.BooleanField()
    guide = models.CharField(max_length=8)
    account = models.CharField(max_length=40)
    zone = models.CharField(max_length=20)
    billable_g = models.BigIntegerField()
    price = MoneyField(null=True, help_text="what the carrier asks; empty = not priced")
    penalty = MoneyField()
    missed_on = models.DateField(null=True, help_text="the last departure that the goods do not catch")
    missed_time = models.TimeField(null=True)
    leaves_on = models.DateField(null=True)
    leaves_time = models.TimeField(null=True, help_text="the cut-off")
    arrives_on = models.DateField(null=True)
    days_late = models.IntegerField()
    source = models.CharField(max_length=8, default="card", db_default="card", help_text="of the price")
    live_days = models.IntegerField(null=True, help_text="on the way, as the carrier answered")
    live_words = models.CharField(max_length=200, default="", db_default="", help_text="the carrier's no, or why none")

    closed_on = ArrayField(
        models.DateField(), default=list, db_default=[], help_text="holidays of the carrier until the goods arrive"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="carrier_option_once", fields=["choice", "service"]),
            models.UniqueConstraint(name="carrier_option_one_chosen", fields=["choice"], condition=Q(is_chosen=True)),
        ]


class ChoiceCharge(models.Model):
    """A part of the price of an option; parcel 0 = the whole shipment."""

    option = models.ForeignKey(ChoiceOption, on_delete=models.PROTECT, related_name="charges", db_constraint=False)
    kind = models.CharField(max_length=9)
    words = models.CharField(max_length=60)
    parcel = models.IntegerField()
    amount = MoneyField()
