"""The words of parties: suppliers, customers, carriers and owners, their terms, requests and refusals."""

from __future__ import annotations

from enum import StrEnum

OWN = 1  # our own company's row


class Tier(StrEnum):
    """How much a customer matters when stock is short; A first."""

    A = "A"
    B = "B"
    C = "C"


class ShipsPartial(StrEnum):
    """What a customer accepts when not all is there.

    complete: the whole order at once; line: whole lines, the rest later; partial: whatever there is.
    """

    COMPLETE = "complete"
    LINE = "line"
    PARTIAL = "partial"


class LabelNeed(StrEnum):
    """What must be printed for a customer's cartons and pallets."""

    SSCC = "sscc"
    CASE_GTIN = "case_gtin"
    LOT = "lot"
    EXPIRY = "expiry"
    CUSTOMER_ITEM = "customer_item"
    PACKING_LIST = "packing_list"
