"""Tables of supplier agreements."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Now

from flowrack.platform.fields import MoneyField, UnitCostField, UnitsField
from flowrack.purchasing.states_agreements import AgreementState

EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


def every_day() -> list[int]:
    """Monday to Sunday."""
    return [*EVERY_DAY]


class Agreement(models.Model):
    """On which terms one supplier sells to us for a time; a version of it. No site = every site."""

    number = models.CharField(max_length=20)
    version = models.IntegerField(default=1)
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", db_index=False)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    state = models.CharField(max_length=10, default=AgreementState.DRAFT)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, help_text="its last day; empty = until another one replaces it")
    reference = models.CharField(max_length=80, default="", help_text="how the supplier calls it")
    note = models.TextField(default="")
    lead_time_days = models.IntegerField(null=True)
    min_value = MoneyField(null=True)
    min_weight_g = models.BigIntegerField(null=True)
    min_volume_ml = models.BigIntegerField(null=True)
    order_weekdays = ArrayField(models.SmallIntegerField(), default=every_day, help_text="1 = Monday")
    delivery_weekdays = ArrayField(models.SmallIntegerField(), null=True, help_text="empty = the supplier's")
    closed_days = ArrayField(models.DateField(), default=list, help_text="no orders taken, no goods delivered")
    over_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    under_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    early_days = models.IntegerField(null=True)
    late_days = models.IntegerField(null=True)
    revision = models.IntegerField(default=1, help_text="counts the changes of a draft")
    created_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=Now())
    changed_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    writer_ids = ArrayField(models.BigIntegerField(), default=list, help_text="all who wrote it, kept by a trigger")
    approved_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    approved_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="agreement_version_once", fields=["number", "version"]),
            models.UniqueConstraint(
                name="agreement_one_draft_per_number", fields=["number"], condition=Q(state="draft")
            ),
            ExclusionConstraint(
                name="agreement_one_in_force",
                expressions=[
                    (F("supplier"), RangeOperators.EQUAL),
                    (Coalesce(F("site"), Value(0)), RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state="active"),
            ),
            models.CheckConstraint(
                name="agreement_ends_after_it_begins",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(name="agreement_state_known", condition=Q(state__in=list(AgreementState))),
            models.CheckConstraint(
                name="agreement_in_force_is_approved",
                condition=Q(state__in=["draft", "withdrawn"])
                | (Q(approved_by__isnull=False, approved_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="agreement_approver_is_not_writer",
                condition=Q(approved_by=None) | (~Q(approved_by=F("created_by")) & ~Q(approved_by=F("changed_by"))),
            ),
            models.CheckConstraint(
                name="agreement_figures_not_negative",
                condition=(Q(lead_time_days=None) | Q(lead_time_days__gte=0))
                & (Q(min_value=None) | Q(min_value__gte=0))
                & (Q(min_weight_g=None) | Q(min_weight_g__gte=0))
                & (Q(min_volume_ml=None) | Q(min_volume_ml__gte=0))
                & (Q(early_days=None) | Q(early_days__gte=0))
                & (Q(late_days=None) | Q(late_days__gte=0))
                & (Q(over_pct=None) | Q(over_pct__gte=0, over_pct__lt=100))
                & (Q(under_pct=None) | Q(under_pct__gte=0, under_pct__lt=100)),
            ),
            models.CheckConstraint(
                name="agreement_weekdays_known",
                condition=Q(order_weekdays__contained_by=EVERY_DAY)
                & ~Q(order_weekdays=[])
                & (
                    Q(delivery_weekdays=None)
                    | (Q(delivery_weekdays__contained_by=EVERY_DAY) & ~Q(delivery_weekdays=[]))
                ),
            ),
        ]


class AgreementLine(models.Model):
    """What an agreement says of one item, or of every item of a family that has no line of its own."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", null=True)
    family = models.ForeignKey("catalog.Family", on_delete=models.PROTECT, related_name="+", null=True)
    moq = UnitsField(null=True)  # type: ignore[misc]
    multiple = UnitsField(null=True)  # type: ignore[misc]
    lead_time_days = models.IntegerField(null=True)
    over_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="agreement_line_once", fields=["agreement", "item", "family"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="agreement_line_item_or_family",
                condition=Q(item__isnull=False, family=None) | Q(item=None, family__isnull=False),
            ),
            models.CheckConstraint(
                name="agreement_line_figures",
                condition=(Q(moq=None) | Q(moq__gte=1))
                & (Q(multiple=None) | Q(multiple__gte=1))
                & (Q(lead_time_days=None) | Q(lead_time_days__gte=0))
                & (Q(over_pct=None) | Q(over_pct__gte=0, over_pct__lt=100)),
            ),
        ]


class AgreementPrice(models.Model):
    """A unit cost from so many units and from a day on; the prices of a later day replace all of an earlier one."""

    line = models.ForeignKey(AgreementLine, on_delete=models.CASCADE, related_name="prices", db_index=False)
    starts_on = models.DateField()
    from_units = UnitsField(default=1, db_default=1)
    unit_cost = UnitCostField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="agreement_price_once", fields=["line", "starts_on", "from_units"]),
            models.CheckConstraint(name="agreement_price_figures", condition=Q(from_units__gte=1, unit_cost__gte=0)),
        ]
