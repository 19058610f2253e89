"""The lists by which orders are sorted: sales channels and order types."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from flowrack.sales.types_lists import LISTS


class OrderCode(models.Model):
    """A sales channel or an order type."""

    list = models.CharField(max_length=10)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="sales_order_code_once", fields=["list", "code"]),
            models.CheckConstraint(name="sales_order_code_list_known", condition=Q(list__in=LISTS)),
        ]
