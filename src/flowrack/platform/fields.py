"""Model fields for units and money, so that every table stores them the same way."""

from __future__ import annotations

from typing import Any

from django.db import models

from flowrack.shared.quantity import Units


class UnitsField(models.BigIntegerField[Units | int, Units]):
    """Whole base units of an item."""


class MoneyField(models.DecimalField[Any, Any]):
    """An amount in the company's currency, to the cent; four places are kept for currencies that need them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 20)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)


class UnitCostField(models.DecimalField[Any, Any]):
    """Money per base unit, six places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 20)
        kwargs.setdefault("decimal_places", 6)
        super().__init__(*args, **kwargs)
