"""The words of customers' own numbers of items."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.errors import Invalid

OWN_FIRST = "SKUs are understood first. Agree on another number, or write our SKU into his orders."


@dataclass(frozen=True, slots=True)
class SetCustomerItem:
    """What a customer calls an item, or a pack of it; an empty `item` forgets the number."""

    customer: str
    code: str
    item: str
    pack: str = ""


@dataclass(frozen=True, slots=True)
class CustomerItemSet:
    """The number that counts now; 0 when there is none any more."""

    customer_item_id: int


class BadCustomerItem(Invalid):
    """A number that makes no sense; every bad field is named."""

    code = "bad_customer_item"
