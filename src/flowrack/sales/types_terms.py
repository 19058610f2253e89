"""The terms that an order may name itself, in place of its customer's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

ANY = "any"
NEVER = "never"
TERMS = (  # of an order, by the names of its columns; life_days as the customer counts them: at his door
    *("policy", "max_shipments", "last_shipment", "min_shipment_value", "cancel_after_days", "substitutes"),
    *("life_days", "lot_rule"),
)


@dataclass(frozen=True, slots=True)
class GivenTerms:
    """What an order asks otherwise than its customer does as a rule; empty and None: as the customer's terms say.

    `max_shipments` is a number or `any`; `cancel_after_days` is a number of days or `never`.
    """

    max_shipments: str = ""
    last_shipment: str = ""
    min_shipment_value: Decimal | None = None
    cancel_after_days: str = ""
    substitutes: str = ""
    life_days: int | None = None
    lot_rule: str = ""


AS_USUAL = GivenTerms()
