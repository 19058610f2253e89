"""Model fields for units, money and names of other rows, so that every table stores them the same way."""

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


def named(
    model: str | type[models.Model], *, db_index: bool = False, null: bool = False, **more: Any
) -> models.ForeignKey[Any, Any]:
    """Another row by its id, without a foreign key in the database (ADR 0012, 0014).

    For rows that are written by the thousand: the command has read what it names, a trigger keeps that from deletion,
    and `flowrack verify` proves that it is there. PostgreSQL would look up each row once more at the commit.
    """
    return models.ForeignKey(
        model, on_delete=models.PROTECT, related_name="+", db_index=db_index, null=null, db_constraint=False, **more
    )
