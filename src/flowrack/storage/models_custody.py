"""What owners of goods in our house are charged."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from flowrack.platform.fields import UnitCostField


class CustodyRates(models.Model):
    """Charges of an owner from a day on, until the next ones."""

    owner = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", db_index=False)
    valid_from = models.DateField()
    pallet_day = UnitCostField()
    pallet_in = UnitCostField()
    pallet_out = UnitCostField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="custody_rates_once_a_day", fields=["owner", "valid_from"]),
            models.CheckConstraint(
                name="custody_rates_not_negative", condition=Q(pallet_day__gte=0, pallet_in__gte=0, pallet_out__gte=0)
            ),
        ]
