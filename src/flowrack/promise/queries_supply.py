"""What is to come of items, as promises count it: allocation keeps promises by the same days. Registers itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from flowrack.allocation import queries_supply
from flowrack.allocation.queries_supply import CLAIMED_ON, Elsewhere
from flowrack.allocation.rules_pegs import Supply as Coming
from flowrack.platform import sql
from flowrack.promise import queries, queries_lines
from flowrack.promise.rules_case import Ask, Source, Supply, SupplyKind, free_from
from flowrack.promise.rules_kept import leaves
from flowrack.promise.rules_lateness import NOTHING
from flowrack.storage import queries_claims, queries_trips
from flowrack.storage.rules_transfers import Claimed, Spare

Pair = tuple[int, int]  # item, site
MOST_NAMED = 3  # who counts on what is to go
NAMES = {SupplyKind.DOCK: "goods at the dock", SupplyKind.INSPECTION: "goods in inspection"}

_SUPPLIES = f"""
    SELECT kind, item_id, site_id, id, number, due_on, units, supplier_id
    FROM ({
    queries_supply.TO_COME.format(
        items="%(items)s::bigint[]", sites="%(sites)s::bigint[]", without="%(other)s::bigint[]"
    )
}) AS c
    UNION ALL
    SELECT 'po', l.item_id, po.site_id, l.id, po.number, l.expected_on, 0, po.supplier_id
    FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id WHERE l.id = ANY(%(other)s::bigint[])
    ORDER BY 2, 3, 1, 6, 4
"""  # noqa: S608 - constants


class PromisedSupply:
    """Supply and quotes as promises read them."""

    def supplies(
        self, pairs: Sequence[Pair], now: datetime, as_if: Mapping[int, tuple[date | None, int]]
    ) -> dict[Pair, list[Coming]]:
        """Units that can leave later, each from the day that promises count. Three queries at most."""
        rows = sql.fetch_all(
            _SUPPLIES,
            {
                "items": sorted({item_id for item_id, _ in pairs}),
                "sites": sorted({site_id for _, site_id in pairs}),
                "other": list(as_if),
            },
        )
        found: dict[Pair, list[Coming]] = {pair: [] for pair in pairs}
        if not rows:
            return found
        bought = sorted({(row[7], row[1]) for row in rows if row[7]})
        records = queries.lateness(bought) if bought else {}
        policies = queries.policies(sorted({row[2] for row in rows}), now)
        for row in rows:
            supply = _supply(row, as_if)
            if (row[1], row[2]) not in found or supply is None:
                continue
            today, policy = policies[row[2]]
            day = free_from(supply, records.get((row[7], row[1]), NOTHING), policy, today=today)
            if day is not None:
                po_line_id = supply.id if supply.kind == SupplyKind.PO else 0
                found[row[1], row[2]].append(Coming(row[1], day, supply.units, po_line_id, supply.name))
        return found

    def ask_quoted(self, item_ids: Sequence[int], site_ids: Sequence[int], now: datetime) -> sql.Asked:
        """The question which open quotes hold goods to come."""
        return (
            """
            SELECT p.id, p.item_id, p.site_id, p.units, p.ships_on, q.number, q.customer_id, coalesce(t.tier, 'C'),
                   q.placed_at, coalesce(t.min_remaining_life_days, 0)
            FROM promise_quotepart p JOIN promise_quote q ON q.id = p.quote_id
            LEFT JOIN parties_customerterms t ON t.party_id = q.customer_id
            WHERE p.item_id = ANY(%s::bigint[]) AND p.site_id = ANY(%s::bigint[]) AND p.is_open AND NOT p.is_committed
              AND q.expires_at > %s
            ORDER BY p.id
            """,
            (list(item_ids), list(site_ids), now),
        )

    def leaves_on(self, order_id: int, days: Sequence[date], now: datetime) -> list[date | None]:
        """The first day, from each of some days on, on which what is ready can leave for the customer of an order. Two
        queries."""
        row = sql.fetch_one(
            """
            SELECT o.site_id, coalesce(a.region, '')
            FROM sales_order o LEFT JOIN parties_address a ON a.id = o.ship_to_id WHERE o.id = %s
            """,
            (order_id,),
        )
        assert row is not None, "the order was found"
        site = queries.sites([row[0]], now)[row[0]]
        trips = [leaves(site, day, row[1]) for day in days]
        return [trip.ships_on if trip else None for trip in trips]

    def elsewhere(self, item_id: int, site_id: int, now: datetime) -> list[Elsewhere]:
        """Other sites with units of an item to spare: on the way as goods are for anybody who is in no region, then to
        our shelf. Five queries."""
        donors = queries_lines.donors(item_id, site_id, now)
        if not donors:
            return []
        sent = _sent([one.site_id for one in donors], site_id, now)
        found = [
            Elsewhere(one.site_id, one.site, one.units, one.keeps, *sent.get(one.site_id, (None, None)))
            for one in donors
        ]
        return sorted(found, key=lambda one: (one.ready_on or date.max, -one.units, one.site))

    def sent_from(self, site_ids: Sequence[int], site_id: int, now: datetime) -> dict[int, date]:
        """From which day on what other sites send today can leave a site again. One query."""
        return {at: ready_on for at, (_, ready_on) in _sent(site_ids, site_id, now).items()}

    def free_elsewhere(self, item_ids: Sequence[int], site_id: int, now: datetime) -> dict[Pair, int]:
        """Units of items at other sites that somebody new could be promised from there today. Three queries."""
        others = tuple(other for other in queries.selling_sites() if other != site_id)
        if not others:
            return {}
        asks = [Ask(item_id, "", 1, others) for item_id in item_ids]
        case = queries.case_of(asks, now)
        sources = [Source(case, case.site(at), case.stock(ask.item_id, at), ask) for ask in asks for at in others]
        free = {(one.stock.item_id, one.site.site_id): one.steps(one.today)[0].free for one in sources}
        return {pair: units for pair, units in free.items() if units}


def _sent(site_ids: Sequence[int], site_id: int, now: datetime) -> dict[int, tuple[date, date]]:
    """When what sites send today is at another, and when it can leave there again: on the way as goods are for anybody
    who is in no region, then to the shelf. One query."""
    houses = queries.sites([site_id, *site_ids], now)
    shelf = timedelta(days=houses[site_id].house.policy.shelf_days)
    trips = [(at, leaves(houses[at], houses[at].now.date(), "")) for at in site_ids]
    return {at: (trip.arrives_on, trip.arrives_on + shelf) for at, trip in trips if trip}


def spare(item_ids: Sequence[int], site_id: int, now: datetime) -> dict[int, Spare]:
    """Of items at a site what can go elsewhere today so that all who wait or were promised there still get theirs.
    Safety stock may go. Four queries."""
    asks = [Ask(item_id, "", 1, (site_id,)) for item_id in sorted(set(item_ids))]
    case = queries.case_of(asks, now)
    free = {}
    for ask in asks:
        stock = replace(case.stock(ask.item_id, site_id), safety=0)
        source = Source(case, case.site(site_id), stock, ask)
        free[ask.item_id] = source.steps(source.today)[0].free
    claims: dict[int, list[Claimed]] = {item_id: [] for item_id in free}
    for item_id, *claim in sql.fetch_all(
        f"""
        SELECT w.item, c.* FROM unnest(%s::bigint[]) AS w(item)
        CROSS JOIN LATERAL (
            SELECT o.number, l.open_units, l.promised_on
            FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id AND o.state IN ('confirmed', 'released')
            WHERE l.item_id = w.item AND o.site_id = %s AND l.open_units > 0 AND l.held_at_units IS NULL
            ORDER BY {CLAIMED_ON}, o.id LIMIT %s
        ) AS c
        """,  # noqa: S608 - a constant
        (sorted(free), site_id, MOST_NAMED),
    ):
        claims[item_id].append(Claimed(*claim))
    return {item_id: Spare(units, claims[item_id]) for item_id, units in free.items()}


def arrives_on(site_id: int, to_site_id: int, now: datetime) -> date | None:
    """The first day on which what is ready now at a site of ours can be at another: on the way as goods are for anybody
    who is in no region. Two queries."""
    trip = leaves(queries.sites([site_id], now)[site_id], date.min, "")
    return trip.arrives_on if trip else None


def _supply(row: Sequence[Any], as_if: Mapping[int, tuple[date | None, int]]) -> Supply | None:
    """A row as promises know it; None where nothing is to come of it."""
    kind, on, units = SupplyKind(row[0]), row[5], row[6]
    if kind == SupplyKind.PO and row[3] in as_if:
        on, units = as_if[row[3]]
    if units <= 0 or (kind == SupplyKind.PO and on is None):
        return None
    return Supply(kind, row[3], row[4] or NAMES.get(kind, ""), units, on or date.min)


queries_supply.register(PromisedSupply())
queries_trips.register(arrives_on)
queries_claims.register(spare)
