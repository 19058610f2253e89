"""The ways to go on with a short line that lie at other sites: send stock over, or let the line ship from there."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from flowrack.allocation import queries_supply
from flowrack.allocation.cards import Card
from flowrack.allocation.queries_substitutes import ShortLine
from flowrack.allocation.queries_supply import Elsewhere
from flowrack.platform.http import now
from flowrack.platform.web.format import day, number
from flowrack.platform.web.viewer import Viewer

MOST = 2  # sites, the first to bring it


def cards(line: ShortLine, viewer: Viewer) -> list[Card]:
    """One card for each of the first sites that could send what is missing; none where nobody has any to spare."""
    found = queries_supply.elsewhere(line.need.item_id, line.site_id, now())[:MOST]
    ready = [max(one.ready_on, line.need.ship_on) for one in found if one.ready_on is not None]
    leaves = iter(queries_supply.leaves_on(line.order_id, ready, now()) if ready else [])
    return [_card(line, one, next(leaves) if one.ready_on is not None else None, viewer) for one in found]


def _card(line: ShortLine, one: Elsewhere, leaves_on: date | None, viewer: Viewer) -> Card:
    need = line.need
    units = min(need.missing, one.units)
    asked = {"site": one.site_id, "to_site": line.site_id, "item": need.sku, "units": units}
    if one.arrives_on is not None:
        asked["due_on"] = one.arrives_on.isoformat()
    rest = need.missing - units
    rows = [(number(units), f"{need.sku} from {one.site}", day(leaves_on) if leaves_on else "no day")]
    if rest:
        rows.append((number(rest), need.sku, "waits"))
    there = f"{day(one.arrives_on)}" if one.arrives_on else "no day: nothing goes there"
    late = (leaves_on - line.ship_by_on).days if leaves_on else 0
    card = Card(
        f"t{one.site_id}", f"Transfer from {one.site}", f"{number(units)} here {there}",
        f"{late} day{'' if late == 1 else 's'} late" if late > 0 else "in time" if leaves_on else "", rows,
        [("Keeps there", number(one.keeps)), ("Deliveries", "1 more" if rest else "1")],
    )  # fmt: skip
    if viewer.may("storage.move", one.site_id):
        card.links.append((f"Send {number(units)} over", f"{reverse('storage_transfer_new')}?{urlencode(asked)}"))
    if viewer.may("promise.move", line.site_id):
        card.links.append((f"Ship it from {one.site}", reverse("promise_ship_from", args=[line.order_id])))
    return card
