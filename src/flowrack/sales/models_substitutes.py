"""Order lines that are sent instead of others."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from flowrack.platform.fields import UnitsField


class Substitution(models.Model):
    """A line of an order stands for units of another line of it, the original. Those units count as cancelled there."""

    line = models.OneToOneField("sales.OrderLine", on_delete=models.PROTECT, related_name="+", primary_key=True)
    original = models.ForeignKey("sales.OrderLine", on_delete=models.PROTECT, related_name="+")
    replaces = UnitsField(help_text="units of the original")
    is_price_protected = models.BooleanField(help_text="billed at the original's price")
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    accepted_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    undone_at = models.DateTimeField(null=True, help_text="the original waits again for its units")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="substitution_undone_says_who",
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
            models.CheckConstraint(name="substitution_positive", condition=Q(replaces__gt=0)),
            models.CheckConstraint(name="substitution_of_another_line", condition=~Q(line=F("original"))),
        ]
