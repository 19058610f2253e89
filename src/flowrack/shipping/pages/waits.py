"""Where what an order waits for can be solved."""

from __future__ import annotations

from django.urls import reverse

from flowrack.shipping.rules_waits import Wait


def url_of(wait: Wait, order_id: int, number: str) -> str:
    """The page of the hold, line, wave or shipment; the order's own where its next button does it."""
    if wait.at == "holds":
        return f"{reverse('sales_holds')}?q={number}&state=open"
    if wait.at == "line":
        return f"{reverse('sales_order', args=[order_id])}?line={wait.id}#ladder"
    if wait.at == "wave":
        return reverse("fulfilment_wave", args=[wait.id])
    if wait.at == "carton":
        return reverse("carton", args=[wait.id])
    if wait.at == "shipment":
        return reverse("shipment", args=[wait.id])
    return reverse("sales_order", args=[order_id])
