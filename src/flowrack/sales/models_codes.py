"""Customers' own numbers of items."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class CustomerItem(models.Model):
    """What a customer calls an item, or a pack of it, in his orders."""

    customer = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=80)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    pack = models.CharField(max_length=10, default="", db_default="", help_text="level of the pack; empty = base units")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="customer_item_code_once", fields=["customer", "code"]),
            models.CheckConstraint(name="customer_item_has_code", condition=~Q(code="")),
        ]
