"""What the pages of analytics share: tones of states, links that may lead nowhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import NoReverseMatch, reverse

COST = "costing.view"
PRICE = "sales.view"
TONES = {
    "receiving": "c2", "inspection": "warn", "quarantine": "bad", "reserve": "c3", "forward_pick": "c2",
    "allocated": "c1", "staged": "ink2", "in_transit": "c3", "return_review": "warn", "damaged": "bad", "hold": "bad",
    "expired": "bad",
}  # fmt: skip
DOCK_TARGET = 150
UNSELLABLE_TARGET = Decimal("3.5")
COST_KINDS = ("po", "count", "return", "stock")


def link(name: str, *args: Any, query: str = "") -> str:
    """The address of a page, empty where the page does not exist."""
    try:
        return reverse(name, args=args) + query
    except NoReverseMatch:
        return ""


def trace_link(kind: str, code: str) -> str:
    """The trace of a lot or LPN by its code."""
    return link("compliance_trace", query=f"?code={code}") if code else ""
