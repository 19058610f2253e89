"""Model fields for units and money, so that every table stores them the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from flowrack.shared.quantity import Units

if TYPE_CHECKING:  # Django's fields take type parameters only in the stubs
    _UnitsBase = models.BigIntegerField[Units | int, Units]
    _DecimalBase = models.DecimalField[Any, Any]
else:
    _UnitsBase = models.BigIntegerField
    _DecimalBase = models.DecimalField


class UnitsField(_UnitsBase):
    """Whole base units of an item."""


class MoneyField(_DecimalBase):
    """An amount in the company's currency, to the cent; four places are kept for currencies that need them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 20)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)


class UnitCostField(_DecimalBase):
    """Money per base unit, six places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 20)
        kwargs.setdefault("decimal_places", 6)
        super().__init__(*args, **kwargs)
