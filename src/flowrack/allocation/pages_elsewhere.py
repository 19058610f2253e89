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
from flowrack.sales.types import LINE
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref
from flowrack.storage import queries_transfer_plans
from flowrack.storage.types_transfer_plans import PlanLine, PlanTransfer
from flowrack.storage.types_transfers import TransferRow

MOST = 2  # sites, the first to bring it


def cards(line: ShortLine, covered: date | None, viewer: Viewer) -> list[Card]:
    """What other sites send for the line already, then a card for each of the first sites that could send what is
    missing besides; none where nobody has any to spare. `covered` is the day on which all of the line leaves as it
    is: a transfer that brings it no sooner would be pegged to it, so none is offered."""
    planned = queries_transfer_plans.live_for(ref(LINE, line.need.line_id), line.need.item_id)
    missing = line.need.missing - sum(units for _, units in planned)
    found = queries_supply.elsewhere(line.need.item_id, line.site_id, now())[:MOST] if missing > 0 else []
    ready = [max(one.ready_on, line.need.ship_on) for one in found if one.ready_on is not None]
    leaves = iter(queries_supply.leaves_on(line.order_id, ready, now()) if ready else [])
    return [_planned(line, one, units) for one, units in planned] + [
        _card(line, one, missing, next(leaves) if one.ready_on is not None else None, covered, viewer) for one in found
    ]


def _planned(line: ShortLine, one: TransferRow, units: int) -> Card:
    """A transfer that was planned for the line."""
    there = f"here {day(one.due_on)}" if one.due_on else "no day is known"
    card = Card(
        f"p{one.id}", f"Transfer {one.number}", f"{number(units)} {there}", "", [],
        [("From", one.site), ("State", one.state.replace("_", " "))],
        empty=f"Planned for this line: {number(units)} of {line.need.sku}.",
    )  # fmt: skip
    card.links.append((f"Open {one.number}", reverse("storage_transfer", args=[one.id])))
    return card


def request_of(line: ShortLine, *, site: int, units: int, due_on: date | None) -> PlanTransfer:
    """The transfer that is planned for a line, with the reason in words. Refuses with Invalid more than is missing
    besides what is to come for it. One query."""
    need = line.need
    planned = queries_transfer_plans.live_for(ref(LINE, need.line_id), need.item_id)
    besides = need.missing - sum(count for _, count in planned)
    if units > besides:
        named = ", ".join(f"{number(count)} by {one.number}" for one, count in planned)
        said = f"{number(need.missing)} of {need.sku} are missing{f', and {named} are to come' if named else ''}."
        raise Invalid(said, fix=f"Plan {number(besides)}." if besides > 0 else "Nothing more is needed.")
    reason = f"{line.number} line {line.line_no} for {line.customer} waits for {number(need.missing)}"
    return PlanTransfer(
        site, line.site_id, [PlanLine(need.item_id, units)], due_on, reason, ref(LINE, need.line_id)
    )  # fmt: skip


def _card(
    line: ShortLine, one: Elsewhere, missing: int, leaves_on: date | None, covered: date | None, viewer: Viewer
) -> Card:
    need = line.need
    is_late = covered is not None and (leaves_on is None or leaves_on >= covered)
    units = min(missing, one.units)
    asked = {"site": one.site_id, "to_site": line.site_id, "item": need.sku, "units": units}
    if one.arrives_on is not None:
        asked["due_on"] = one.arrives_on.isoformat()
    rest = missing - units
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
    if is_late and covered is not None:
        card.facts.append(("No sooner", f"all of it leaves {day(covered)} anyway"))
    elif viewer.may("storage.plan_transfers", one.site_id):
        along: list[tuple[str, str | int]] = [("site", one.site_id), ("units", units)]
        if one.arrives_on is not None:
            along.append(("due_on", one.arrives_on.isoformat()))
        url = reverse("allocation_plan_transfer", args=[need.line_id])
        card.post = (f"Plan transfer of {number(units)}", url, along)
    if viewer.may("storage.move", one.site_id):
        card.links.append((f"Send {number(units)} over", f"{reverse('storage_transfer_new')}?{urlencode(asked)}"))
    if viewer.may("promise.move", line.site_id):
        card.links.append((f"Ship it from {one.site}", reverse("promise_ship_from", args=[line.order_id])))
    return card
