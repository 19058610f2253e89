"""The words of the lists by which orders are sorted: sales channels and order types."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowrack.shared.errors import Invalid

CHANNEL, ORDER_TYPE = "channel", "order type"
LISTS = (CHANNEL, ORDER_TYPE)
CODE = re.compile(r"^[A-Z0-9][A-Z0-9._/-]{0,19}$")
CONTRACT = re.compile(r"^[A-Z0-9][A-Z0-9._/-]{0,39}$")


@dataclass(frozen=True, slots=True)
class SetOrderCode:
    """A channel or an order type: new, named otherwise, or not to be used any more."""

    list: str
    code: str
    name: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class OrderCodeSet:
    """The code as it stands now."""

    list: str
    code: str


class BadOrderCode(Invalid):
    """A code that makes no sense; every bad field is named."""

    code = "bad_order_code"
