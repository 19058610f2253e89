"""Why is it not shipped, on a phone and at a desk: no row needs scrolling sideways, and the answer is one tap away."""

from __future__ import annotations

import pytest

from flowrack.sales.commands_holds import set_hold_rules
from flowrack.sales.types_holds import SetHoldRules
from tests import outbound
from tests.browser.conftest import DESK, PHONE, at_rest
from tests.cast import KIM, MAY, ctx

pytestmark = pytest.mark.django_db(transaction=True)

# Tables that are wider than their frame, and pages that are wider than the window.
WIDE = """
    [...document.querySelectorAll('.scroll-x')].filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1)
        .map(e => e.getAttribute('aria-label'))
        .concat(document.documentElement.scrollWidth > innerWidth ? ['the page'] : [])
"""


def scene() -> outbound.EnteredOrder:
    """A complete order that lacks much of one line, with a long name, beside a huge one, where such lines are usual."""
    at = outbound.house()
    set_hold_rules(ctx(MAY), SetHoldRules(at.site, "large trade", holds_quantity=False))
    outbound.receive(at, outbound.item("4711"), 30, "1", "forward_pick1")
    outbound.item("4712")
    outbound.customer("ACME", policy="complete")
    outbound.customer("HUGE", tier="A")
    outbound.order(at.site, "HUGE", ("4712", 50_000))
    order = outbound.order(at.site, "ACME", ("4711", 20), ("4712", 12_000))
    outbound.allocate(at.site)
    return order


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_the_wait_and_the_reason_are_read_without_scrolling_sideways(visit, size):
    order = scene()
    page = visit("/orders?waits_for=stock", person=KIM, size=size)
    base = page.url.split("/orders")[0]
    for address in ("/orders?waits_for=stock", f"/orders/{order.order_id}", "/allocation/waiting"):
        page.goto(base + address)
        at_rest(page)
        assert page.evaluate(WIDE) == [], address
    page.goto(f"{base}/orders?waits_for=stock")
    page.get_by_text("line 2, item 4712: 12,000 missing, none on order").click()
    page.wait_for_url(f"**/orders/{order.order_id}?line={order.line_ids[1]}#ladder")
    at_rest(page)
    assert page.get_by_text("Who gets 4712").is_visible()
    picture, rows = page.locator(".pic.ladder"), page.locator(".stacked")
    assert (picture.is_visible(), rows.is_visible()) == ((False, True) if size == PHONE else (True, False))
    assert page.get_by_text("Waits for", exact=True).first.is_visible()
