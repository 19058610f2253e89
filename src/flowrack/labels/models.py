"""Tables of labels: specs in versions with their elements, and what was printed of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from flowrack.labels.states import SpecState
from flowrack.labels.types import Kind, Shape, Symbology

TEXT: dict[str, Any] = {"blank": True, "default": "", "db_default": ""}


def _person(*, null: bool = False) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, null=null
    )


class LabelSpec(models.Model):
    """How labels of one kind look for a customer, a carrier or, with neither, the house."""

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=8)
    customer = models.ForeignKey("parties.Party", on_delete=models.PROTECT, null=True, related_name="+")
    carrier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="label_spec_kind_known", condition=Q(kind__in=list(Kind))),
            models.CheckConstraint(name="label_spec_code_upper", condition=Q(code__regex=r"^[A-Z0-9][A-Z0-9._-]*$")),
            models.CheckConstraint(name="label_spec_for_one", condition=Q(customer=None) | Q(carrier=None)),
        ]


class LabelSpecVersion(models.Model):
    """One version: written as a draft, approved by another person, then never changed."""

    spec = models.ForeignKey(LabelSpec, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    state = models.CharField(max_length=8, default=SpecState.DRAFT)
    name = models.CharField(max_length=120)
    width_mm = models.IntegerField()
    height_mm = models.IntegerField()
    dpi = models.IntegerField()
    copies = models.IntegerField(default=1)
    placement = models.CharField(max_length=200, **TEXT)
    is_scanned = models.BooleanField(default=False, help_text="a label counts when it was scanned after printing")
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    drafted_by = _person(null=True)
    drafted_at = models.DateTimeField()
    approved_by = _person(null=True)
    approved_at = models.DateTimeField(null=True)
    ended_by = _person(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="label_version_once", fields=["spec", "number"]),
            models.UniqueConstraint(name="label_version_one_draft", fields=["spec"], condition=Q(state="draft")),
            models.CheckConstraint(name="label_version_state_known", condition=Q(state__in=list(SpecState))),
            models.CheckConstraint(
                name="label_version_approved_says_when", condition=~Q(state="approved") | Q(approved_at__isnull=False)
            ),
            models.CheckConstraint(
                name="label_version_days_in_order",
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="label_version_medium",
                condition=Q(width_mm__gt=0, height_mm__gt=0, dpi__gt=0, copies__gt=0, number__gt=0),
            ),
        ]


class LabelElement(models.Model):
    """A text, barcode, box or line of a version."""

    version = models.ForeignKey(LabelSpecVersion, on_delete=models.CASCADE, related_name="elements", db_index=False)
    number = models.IntegerField()
    name = models.CharField(max_length=40)
    shape = models.CharField(max_length=8)
    x_mm = models.IntegerField()
    y_mm = models.IntegerField()
    width_mm = models.IntegerField()
    height_mm = models.IntegerField()
    content = models.CharField(max_length=200, **TEXT)
    symbology = models.CharField(max_length=16, **TEXT)
    rotation = models.IntegerField(default=0)
    size_pt = models.IntegerField(default=10)
    is_bold = models.BooleanField(default=False)
    thick_tenths_mm = models.IntegerField(default=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="label_element_once", fields=["version", "number"]),
            models.CheckConstraint(name="label_element_shape_known", condition=Q(shape__in=list(Shape))),
            models.CheckConstraint(
                name="label_element_symbology_known",
                condition=Q(symbology="") | Q(shape="barcode", symbology__in=list(Symbology)),
            ),
            models.CheckConstraint(
                name="label_element_on_paper", condition=Q(x_mm__gte=0, y_mm__gte=0, width_mm__gt=0, height_mm__gt=0)
            ),
            models.CheckConstraint(name="label_element_turned", condition=Q(rotation__in=[0, 90, 180, 270])),
        ]


class LabelPrint(models.Model):
    """One label that was printed: of what, by which version, and the hash of what went to the printer."""

    version = models.ForeignKey(LabelSpecVersion, on_delete=models.PROTECT, related_name="prints", db_index=False)
    kind = models.CharField(max_length=8)
    subject = models.CharField(max_length=80, help_text="what it is stuck on, such as fulfilment.carton:5")
    code = models.CharField(max_length=80, db_index=True, help_text="what a scan of it says")
    site_id = models.BigIntegerField(default=0, help_text="0 = of no site")
    copies = models.IntegerField()
    copy_of = models.IntegerField(help_text="1 = the first print of this subject")
    sha256 = models.CharField(max_length=64)
    printed_by = _person()
    printed_at = models.DateTimeField(db_index=True)
    scanned_by = _person(null=True)
    scanned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="label_print_counted", fields=["subject", "kind", "copy_of"]),
            models.CheckConstraint(name="label_print_copies", condition=Q(copies__gt=0, copy_of__gt=0)),
            models.CheckConstraint(
                name="label_print_scanned_by_somebody",
                condition=Q(scanned_at=None, scanned_by=None) | Q(scanned_at__isnull=False, scanned_by__isnull=False),
            ),
        ]


class LabelPrintValue(models.Model):
    """A value that a label was made of, so that it can be drawn anew."""

    print = models.ForeignKey(LabelPrint, on_delete=models.CASCADE, related_name="values")
    name = models.CharField(max_length=40)
    value = models.CharField(max_length=400)
