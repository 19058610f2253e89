"""What whoever types an order wants to know of its customer and items before it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.catalog import queries as catalog
from flowrack.platform import sql
from flowrack.platform.lookup import FEW, Found
from flowrack.platform.lookup import look_up as _look_up
from flowrack.sales import queries_soon
from flowrack.sales.queries_soon import Steps


@dataclass(frozen=True, slots=True)
class AboutItem:
    """An item as a clerk knows it: name, base unit, packs ("case of 12") and list price."""

    item_id: int
    sku: str
    name: str
    base_uom: str
    packs: str
    list_price: Decimal | None

    @property
    def units(self) -> str:
        """ "each; case of 12, pallet of 480"."""
        return f"{self.base_uom}; {self.packs}" if self.packs else self.base_uom


def customers_of(order_ids: Sequence[int]) -> dict[int, str]:
    """Whose orders are, by their ids. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, p.name FROM sales_order o JOIN parties_party p ON p.id = o.customer_id
        WHERE o.id = ANY(%s::bigint[])
        """,
        (list(order_ids),),
    )
    return dict(rows)


def items(item_ids: Sequence[int]) -> dict[int, AboutItem]:
    """Items by id. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.id, i.sku, i.name, i.base_uom, coalesce(p.packs, ''), i.list_price
        FROM catalog_item i LEFT JOIN LATERAL (
            SELECT string_agg(l.level || ' of ' || l.factor, ', ' ORDER BY l.factor) AS packs
            FROM catalog_packlevel l WHERE l.item_id = i.id AND l.factor > 1
        ) p ON true
        WHERE i.id = ANY(%s::bigint[])
        """,
        (sorted(set(item_ids)),),
    )
    return {row[0]: AboutItem(*row) for row in rows}


def customer_name(customer_id: int) -> str:
    """The name of a customer. One query."""
    return str(sql.fetch_value("SELECT name FROM parties_party WHERE id = %s", (customer_id,)))


_OWN_NUMBERS = """
    SELECT k.item_id, k.code, CASE WHEN k.pack <> '' THEN k.pack ELSE '' END, k.code = ANY(%(exact)s::text[])
    FROM sales_customeritem k JOIN parties_party p ON p.id = k.customer_id
    WHERE p.code = %(customer)s AND (k.code LIKE %(starts)s OR k.code LIKE %(starts_upper)s)
    ORDER BY 4 DESC, k.code LIMIT %(limit)s
"""


def look_up(text: str, *, customer: str, site_id: int, now: datetime | None) -> list[Found]:
    """Items that a text may mean: by SKU, barcode, the customer's own number, or words of the name; each with its
    units, what is free at the site, and its price. What is free is left out without a time. Nine queries at most."""
    found = catalog.look_up(text, frozenset({site_id}))
    words = text.split()
    if not found and len(words) > 1:
        found = catalog.named(words, limit=FEW)
    own = {one.id: one for one in _look_up(_OWN_NUMBERS, text, beside={"customer": customer})} if customer else {}
    ids = list(dict.fromkeys([*own, *(one.id for one in found)]))[:FEW]
    known = items(ids)
    free = queries_soon.free(ids, site_id, now) if now is not None and site_id else {}
    exact = {one.id for one in [*found, *own.values()] if one.is_exact}
    names = {one.id: one.note for one in found}
    hits = []
    for item_id in ids:
        about = known[item_id]
        theirs = f"{own[item_id].code} of theirs; " if item_id in own else ""
        parts = [theirs + names.get(item_id, about.name)]
        parts += [soon(free[item_id])] if item_id in free else []
        parts += [price(about.list_price)] if about.list_price is not None else []
        parts.append(about.units)
        hits.append(Found(item_id, about.sku, " · ".join(parts), item_id in exact))
    return sorted(hits, key=lambda hit: not hit.is_exact)


def soon(steps: Steps, units: int = 1) -> str:
    """ "340 free", "none free, 120 from Tue 8 Dec": when so many units can leave."""
    now = steps[0][1] if steps else 0
    if now >= units:
        return f"{now:,} free"
    first = queries_soon.first_with(steps, units)
    here = f"{now:,} free" if now else "none free"
    if first is None:
        return f"{here}, no day is known for the rest" if now else f"{here}, no day is known"
    later = dict(steps)[first]
    what = f"{later:,}" if units == 1 else f"all {units:,}"
    return f"{here}, {what} from {day(first)}"


def price(amount: Decimal) -> str:
    """ "2.50", "0.1275": two places, or all that it has."""
    text = f"{amount.normalize():,f}"
    places = len(text.partition(".")[2])
    return text if places > 2 else f"{amount:,.2f}"


def day(on: date) -> str:
    """ "Tue 8 Dec"."""
    return f"{on:%a} {on.day} {on:%b}"
