"""What would be held of orders that are not entered yet, by the same rules as at entry. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.platform import sql
from flowrack.sales import queries_holds as reads
from flowrack.sales import rules_holds as rules
from flowrack.sales import steps_quantities
from flowrack.sales.steps_entry import Checked, may_doubt_address
from flowrack.sales.steps_quantities import AskedUnits
from flowrack.sales.types import NewOrder

NEVER_YET = 2**62  # an id above those of all orders

Foreseen = tuple[int, int, str]  # place of the order, number of its line (0 = all of it), the sentence of the hold


def foresee(orders: Sequence[NewOrder], checked: Checked) -> list[Foreseen]:
    """The holds that good orders would get, in their order: quantities, credit, addresses. At most six queries."""
    good = set(range(len(orders))) - {place for place, _ in checked.faults}
    places = [place for place in sorted(good) if checked.known[place].customer_id is not None]
    return sorted([*_quantities(orders, checked, places), *_credits(orders, checked, places),
                   *_addresses(orders, checked, places)])  # fmt: skip


def _quantities(orders: Sequence[NewOrder], checked: Checked, places: Sequence[int]) -> list[Foreseen]:
    doubtful = [
        (place, number, orders[place].site_id, checked.known[place].customer_id or 0, line)
        for place in places
        for number, line in enumerate(checked.lines[place], 1)
        if line.in_doubt
    ]
    if not doubtful:
        return []
    asked = [
        AskedUnits(site, orders[place].any_site, customer, line.item_id, line.units, line.same)
        for place, _, site, customer, line in doubtful
    ]
    also: dict[tuple[int, int], int] = {}  # what is entered before counts as his own already
    for place in (one for one in places if one < doubtful[0][0]):
        key = (orders[place].site_id, checked.known[place].customer_id or 0)
        also[key] = max(also.get(key, 0), *(line.units for line in checked.lines[place]))
    found = steps_quantities.doubts(asked, NEVER_YET, also)
    return [
        (place, number, doubt[0].sentence)
        for (place, number, *_), doubt in zip(doubtful, found, strict=True)
        if doubt is not None
    ]


def _credits(orders: Sequence[NewOrder], checked: Checked, places: Sequence[int]) -> list[Foreseen]:
    """Orders beyond the credit, the first of the file first: what is not held uses the credit up."""
    asked = [place for place in places if checked.known[place].has_credit]
    if not asked:
        return []
    of_site = steps_quantities.rules_of([(orders[place].site_id, orders[place].any_site) for place in asked])
    credits = reads.credits_now(sorted({checked.known[place].customer_id or 0 for place in asked}))
    used: dict[int, Decimal] = {}
    found: list[Foreseen] = []
    for place in asked:
        customer = checked.known[place].customer_id or 0
        credit = credits.get(customer)
        if credit is None or not of_site[orders[place].site_id, orders[place].any_site].holds_credit:
            continue
        lines = checked.lines[place]
        value = sum((line.unit_price * line.units for line in lines), Decimal(0)).quantize(Decimal("0.01"))
        doubt = rules.judge_credit(
            is_stopped=credit.is_stopped,
            reason=credit.reason,
            limit=credit.credit_limit,
            owed=credit.owed,
            others=credit.open_value + used.get(customer, Decimal(0)),
            value=value,
        )
        if doubt is None:
            used[customer] = used.get(customer, Decimal(0)) + value
        else:
            found.append((place, 0, doubt.sentence))
    return found


def _addresses(orders: Sequence[NewOrder], checked: Checked, places: Sequence[int]) -> list[Foreseen]:
    asked = [place for place in places if may_doubt_address(orders[place], checked.known[place])]
    if not asked:
        return []
    of_site = steps_quantities.rules_of([(orders[place].site_id, orders[place].any_site) for place in asked])
    ids = sorted({address for place in asked if (address := checked.known[place].ship_to_id) is not None})
    rows = sql.fetch_all(
        "SELECT id, code, is_to_check, is_active FROM parties_address WHERE id = ANY(%s::bigint[])", (ids,)
    )
    known = {row[0]: row[1:] for row in rows}
    found: list[Foreseen] = []
    for place in asked:
        code, is_marked, is_active = known.get(checked.known[place].ship_to_id or 0, ("", False, False))
        here = of_site[orders[place].site_id, orders[place].any_site]
        doubt = rules.judge_address(here, code=code, is_marked=is_marked, is_active=is_active)
        if doubt is not None:
            found.append((place, 0, doubt.sentence))
    return found
