"""Reads for promises: availability of items at sites, what sites can do, how late suppliers are, who asks for what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flowrack.allocation.queries_supply import CLAIMED_ON, NO_LINES, PEGGED, TO_COME
from flowrack.allocation.rules_free import Change
from flowrack.parties.rules_holidays import closed_days
from flowrack.platform import sql
from flowrack.platform.sql import Asked
from flowrack.promise.rules_case import Aside, Ask, Case, LotStock, Own, Site, Stock, Supply, SupplyKind
from flowrack.promise.rules_house import NONE, CutOff, Hands, Hours, House, Policy
from flowrack.promise.rules_lateness import Record, Scope, choose

# What bears on the promise of items at sites: free lots, goods that are not free yet, claims, and what is kept back.
# Each part reads by an index on open rows only, so that it does not grow with history. Where lines or bins are joined,
# LATERAL and OFFSET 0 keep items first, and the document is found by its id alone: a plan kept from when tables were
# small began at all bins, or looked for each line's order among all open orders of the site.
_AVAILABILITY = f"""
    SELECT 'lot', p.item_id, p.site_id, p.lot_id, lot.code, lot.expires_on,
           p.reserve + p.forward_pick - p.committed, least(p.forward_pick, p.reserve + p.forward_pick - p.committed), 0
    FROM ledger_pool p JOIN catalog_lot lot ON lot.id = p.lot_id
    WHERE p.item_id = ANY(%(items)s::bigint[]) AND p.site_id = ANY(%(sites)s::bigint[]) AND p.owner_id = 1
      AND p.reserve + p.forward_pick > p.committed
    UNION ALL
    SELECT x.kind, p.item_id, p.site_id, 0::bigint, '', NULL::date, sum(x.units)::bigint, 0::bigint, 0::bigint
    FROM ledger_pool p
    CROSS JOIN LATERAL (VALUES ('quarantine', p.quarantine), ('return review', p.return_review),
                               ('damaged', p.damaged), ('hold', p.hold), ('expired', p.expired)) AS x(kind, units)
    WHERE p.item_id = ANY(%(items)s::bigint[]) AND p.site_id = ANY(%(sites)s::bigint[]) AND p.owner_id = 1
      AND x.units > 0
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT CASE WHEN l.promised_on IS NULL THEN 'waiting' ELSE 'claim' END, l.item_id, o.site_id, 0, '',
           {CLAIMED_ON}, sum(l.open_units)::bigint, 0, 0
    FROM (SELECT w.item_id, w.order_id, w.promised_on, w.open_units FROM sales_orderline w
          WHERE w.item_id = ANY(%(items)s::bigint[]) AND w.open_units > 0 AND w.held_at_units IS NULL
            AND w.id <> ALL (%(without)s::bigint[]) AND (w.promised_on IS NOT NULL OR w.id < %(before)s)
          OFFSET 0) AS l
    CROSS JOIN LATERAL (
        SELECT h.site_id, h.ship_by_on, h.policy, h.state FROM sales_order h WHERE h.id = l.order_id OFFSET 0) AS o
    WHERE o.site_id = ANY(%(sites)s::bigint[]) AND o.state IN ('confirmed', 'released')
    GROUP BY 1, 2, 3, 6
    UNION ALL
    SELECT 'claim', q.item_id, q.site_id, 0, '', q.ships_on, sum(q.units)::bigint, 0, 0
    FROM promise_quotepart q
    WHERE q.item_id = ANY(%(items)s::bigint[]) AND q.site_id = ANY(%(sites)s::bigint[])
      AND q.is_open AND NOT q.is_committed
    GROUP BY 2, 3, 6
    UNION ALL
    SELECT kind, item_id, site_id, id, number, due_on, units, 0, supplier_id
    FROM ({TO_COME.format(items="%(items)s::bigint[]", sites="%(sites)s::bigint[]", without=NO_LINES)}) AS c
    UNION ALL
    SELECT 'own', item_id, site_id, id, number, claimed_on, units,
           CASE WHEN line_id = ANY(%(without)s::bigint[]) OR (promised_on IS NULL AND line_id >= %(before)s) THEN 0
                WHEN promised_on IS NULL THEN 2 ELSE 1 END, line_id
    FROM ({PEGGED.format(items="%(items)s::bigint[]", sites="%(sites)s::bigint[]")}) AS g
    UNION ALL
    SELECT 'safety', s.item_id, s.site_id, 0, '', NULL, s.units, 0, 0
    FROM promise_safetystock s
    WHERE s.item_id = ANY(%(items)s::bigint[]) AND s.site_id = ANY(%(sites)s::bigint[])
    UNION ALL
    SELECT 'face', f.item_id, b.site_id, 0, '', NULL, 0, 0, 0
    FROM (SELECT item_id, location_id FROM storage_pickface WHERE item_id = ANY(%(items)s::bigint[]) OFFSET 0) AS f
    CROSS JOIN LATERAL (
        SELECT h.site_id FROM locations_location h WHERE h.id = f.location_id OFFSET 0) AS b
    WHERE b.site_id = ANY(%(sites)s::bigint[])
    ORDER BY 1, 2, 3, 6, 4
"""  # noqa: S608 - constants
SUPPLIES = tuple(SupplyKind)
_ASKS, _PROMISED, _WAITING = 0, 1, 2  # what a line for which a transfer comes has among the claims that are read
LAST_LINE = 2**62
CLOSED_BEHIND, CLOSED_AHEAD = timedelta(days=60), timedelta(days=400)
Pair = tuple[int, int]  # item, site


def stocks(
    item_ids: Sequence[int], site_ids: Sequence[int], *, without_lines: Sequence[int] = ()
) -> tuple[dict[Pair, Stock], tuple[Record, ...]]:
    """Each item at each site where anything is known of it, and the delivery records that its POs name. Two queries.

    Lines that are `without` claim nothing, and neither do lines that came after them and have no promise yet.
    """
    return _stocks(sql.fetch_all(*_stocks_asked(item_ids, site_ids, without_lines)))


def _stocks_asked(item_ids: Sequence[int], site_ids: Sequence[int], without_lines: Sequence[int]) -> Asked:
    before = min(without_lines, default=LAST_LINE)
    return (
        _AVAILABILITY,
        {"items": list(item_ids), "sites": list(site_ids), "without": list(without_lines), "before": before},
    )


def _stocks(rows: Sequence[Sequence[Any]]) -> tuple[dict[Pair, Stock], tuple[Record, ...]]:
    wanted = sorted({(row[8], row[1]) for row in rows if row[0] == SupplyKind.PO})
    records = lateness(wanted) if wanted else {}
    places: dict[Record, int] = {}
    for record in records.values():
        places.setdefault(record, len(places))
    of: dict[Pair, dict[str, list[Any]]] = {}
    for row in rows:
        found = of.setdefault((row[1], row[2]), {})
        kind = row[0] if row[0] in ("lot", "claim", "waiting", "own", "safety", "face") else "aside"
        if row[0] in SUPPLIES:
            kind = "supply"
        found.setdefault(kind, []).append(row)
    return {pair: _stock(pair, found, records, places) for pair, found in of.items()}, tuple(places)


def _stock(pair: Pair, found: dict[str, list[Any]], records: dict[Pair, Record], places: dict[Record, int]) -> Stock:
    supplies, own = [], []
    pegged = {row[3]: row for row in found.get("own", [])}  # by the line of the transfer
    for kind, item_id, _, key, name, on, units, _, supplier_id in found.get("supply", []):
        place = places[records[supplier_id, item_id]] if kind == SupplyKind.PO else -1
        supply = Supply(SupplyKind(kind), key, name, units, on or date.min, place)
        if kind == SupplyKind.TRANSFER and key in pegged:
            mine = min(pegged[key][6], units)
            own.append((pegged[key], supply._replace(units=mine)))
            supply = supply._replace(units=units - mine)
        if supply.units:
            supplies.append(supply)
    return Stock(
        item_id=pair[0],
        site_id=pair[1],
        lots=tuple(LotStock(r[3], r[4], r[6], r[7], r[5]) for r in found.get("lot", [])),
        supplies=tuple(supplies),
        claims=tuple(
            [Change(r[5], -r[6]) for r in found.get("claim", [])]
            + [Change(r[5], supply.units) for r, supply in own if r[7] == _PROMISED]
        ),
        waiting=tuple(
            [Change(r[5], -r[6]) for r in found.get("waiting", [])]
            + [Change(r[5], supply.units) for r, supply in own if r[7] == _WAITING]
        ),
        safety=sum(r[6] for r in found.get("safety", [])),
        has_face="face" in found,
        aside=tuple(Aside(r[0], r[6]) for r in found.get("aside", [])),
        own=tuple(Own(r[8], supply) for r, supply in own if r[7] == _ASKS),
    )


def lateness(pairs: Sequence[Pair]) -> dict[Pair, Record]:
    """The record that speaks for each (supplier, item): of both, else of the supplier, else of all. One query."""
    suppliers = sorted({supplier for supplier, _ in pairs})
    rows = sql.fetch_all(
        """
        SELECT supplier_id, item_id, days, lines FROM promise_lateness
        WHERE supplier_id = ANY(%s::bigint[]) AND item_id = ANY(%s::bigint[])
        """,
        ([0, *suppliers], [0, *sorted({item for _, item in pairs})]),
    )
    known = {(r[0], r[1]): tuple(zip(r[2], r[3], strict=True)) for r in rows}
    found = {}
    for supplier, item in pairs:
        found[supplier, item] = choose(
            [
                Record(Scope.ITEM, known.get((supplier, item), ())),
                Record(Scope.SUPPLIER, known.get((supplier, 0), ())),
                Record(Scope.COMPANY, known.get((0, 0), ())),
            ]
        )
    return found


# How much of what was promised since the last sum is still to do is looked up line by line (OFFSET 0): nobody can say
# beforehand how few these are, and a plan that hashes them reads every order line there ever was for each promise.
_HOUSES = """
    SELECT s.id, s.code, s.name, s.timezone,
           (SELECT row_to_json(p) FROM promise_sitepolicy p WHERE p.site_id = s.id),
           (SELECT json_agg(json_build_array(h.weekday, h.opens_at, h.closes_at)) FROM promise_sitehours h
            WHERE h.site_id = s.id),
           (SELECT json_agg(json_build_array(c.on, c.reason)) FROM promise_closedday c
            WHERE c.site_id = s.id AND c.on >= %(now)s::date - 60 AND c.on < %(now)s::date + 400),
           (SELECT json_agg(json_build_array(coalesce(c.service_id, 0), coalesce(v.name, ''), c.region, c.weekday, c.at,
                                             coalesce(c.transit_days, v.transit_days),
                                             coalesce(nullif(k.holidays_of, ''), CASE WHEN k.id > 0 THEN '-' END, '')))
            FROM promise_cutoffrow c LEFT JOIN parties_carrierservice v ON v.id = c.service_id
            LEFT JOIN parties_party k ON k.id = v.carrier_id
            WHERE c.site_id = s.id AND coalesce(v.is_active, true)),
           (SELECT json_agg(json_build_array(c.kind, c.weekday, c.starts_at, c.people, c.hours * 60))
            FROM tasks_capacity c WHERE c.site_id = s.id AND c.people > 0 AND c.hours > 0),
           (SELECT json_agg(json_build_array(w.on, w.seconds)) FROM (
                SELECT d.on, d.seconds FROM promise_dayload d WHERE d.site_id = s.id
                UNION ALL
                SELECT lp.ships_on, sum(lp.seconds)
                FROM (SELECT n.ships_on, n.seconds, n.line_id FROM promise_linepromise n
                      WHERE n.site_id = s.id AND n.line_id <> ALL (%(without)s::bigint[])
                        AND n.change >= coalesce((SELECT max(x.upto) FROM promise_dayload x WHERE x.site_id = s.id), 0)
                      OFFSET 0) AS lp
                CROSS JOIN LATERAL (
                    SELECT l.open_units + l.allocated_units AS units FROM sales_orderline l WHERE l.id = lp.line_id
                    OFFSET 0) AS l
                WHERE l.units > 0
                GROUP BY 1
            ) AS w),
           (SELECT json_agg(json_build_array(q.kind, q.seconds)) FROM (
                SELECT t.kind, sum(t.standard_seconds) AS seconds FROM tasks_task t
                WHERE t.site_id = s.id AND t.state IN ('open', 'leased')
                  AND (t.due_at IS NULL OR t.due_at < %(now)s::timestamptz + interval '1 day')
                GROUP BY t.kind
            ) AS q),
           (SELECT array_agg(DISTINCT k.holidays_of ORDER BY k.holidays_of)
            FROM parties_carrierservice v JOIN parties_party k ON k.id = v.carrier_id AND k.is_active
            WHERE v.is_active)
    FROM locations_site s WHERE s.id = ANY(%(sites)s::bigint[])
"""


def sites(site_ids: Sequence[int], now: datetime, *, without_lines: Sequence[int] = ()) -> dict[int, Site]:
    """What sites can do, by their own clocks. One query."""
    rows = sql.fetch_all(*_houses_asked(site_ids, now, without_lines))
    return {row[0]: _site(row, now) for row in rows}


def _houses_asked(site_ids: Sequence[int], now: datetime, without_lines: Sequence[int]) -> Asked:
    return _HOUSES, {"sites": list(site_ids), "now": now, "without": list(without_lines)}


def _site(row: Sequence[Any], now: datetime) -> Site:
    local = now.astimezone(ZoneInfo(row[3])).replace(tzinfo=None, microsecond=0)
    policy = _policy(row[4])
    hours = tuple(sorted(Hours(h[0], _time(h[1]), _time(h[2])) for h in row[5] or ()))
    load: dict[date, int] = {}
    for on, seconds in row[9] or ():
        day = max(date.fromisoformat(on), local.date())
        load[day] = load.get(day, 0) + int(seconds)
    cut_offs = tuple(sorted(_cut_off(c, policy) for c in row[7] or ()))
    house = House(
        policy=policy,
        hours=hours,
        closed={date.fromisoformat(on): reason for on, reason in sorted(row[6] or ())},
        cut_offs=cut_offs,
        hands=tuple(sorted(_hands(h, hours) for h in row[8] or () if h[0] in policy.kinds)),
        load=dict(sorted(load.items())),
        queue=sum(int(seconds) for kind, seconds in row[10] or () if kind in policy.kinds),
        holidays=_holidays(cut_offs, row[11] or (), local.date()),
    )
    return Site(row[0], row[1], row[2], local, house)


def _holidays(cut_offs: Sequence[CutOff], kept: Sequence[str], today: date) -> dict[str, tuple[date, ...]]:
    """The public holidays that the carriers of a site keep, by country; under "" those that all carriers keep, of
    which `kept` names the countries."""
    first, last = today - CLOSED_BEHIND, today + CLOSED_AHEAD
    found = {of: closed_days(of, first, last) for of in sorted({c.keeps for c in cut_offs} - {"", NONE})}
    common = set.intersection(*(set(closed_days(of, first, last)) for of in kept)) if kept else set()
    return {"": tuple(sorted(common)), **found} if common else found


def policies(site_ids: Sequence[int], now: datetime) -> dict[int, tuple[date, Policy]]:
    """The business day of sites, and how they promise. One query."""
    rows = sql.fetch_all(
        """
        SELECT s.id, (%s::timestamptz AT TIME ZONE s.timezone)::date,
               (SELECT row_to_json(p) FROM promise_sitepolicy p WHERE p.site_id = s.id)
        FROM locations_site s WHERE s.id = ANY(%s::bigint[])
        """,
        (now, list(site_ids)),
    )
    return {row[0]: (row[1], _policy(row[2])) for row in rows}


def _policy(row: dict[str, Any] | None) -> Policy:
    if not row:
        return Policy()
    return Policy(**{**{k: v for k, v in row.items() if k not in ("id", "site_id")}, "kinds": tuple(row["kinds"])})


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _cut_off(row: Sequence[Any], policy: Policy) -> CutOff:
    transit = policy.transit_days if row[5] is None else row[5]
    return CutOff(row[0], row[1], row[2], row[3], _time(row[4]), transit, row[6])


def _hands(row: Sequence[Any], hours: Sequence[Hours]) -> Hands:
    """People of a shift; one without a start begins when the site opens."""
    weekday = row[1] + 1
    opens = [h.opens_at for h in hours if h.weekday == weekday]
    start = _time(row[2]) if row[2] else min(opens, default=time(8))
    end = datetime.combine(date.min, start) + timedelta(minutes=int(Decimal(str(row[4]))))
    return Hands(weekday, start, end.time() if end.date() == date.min else time.max, row[3])


def case_of(
    asks: Sequence[Ask], now: datetime, *, item_ids: Sequence[int] = (), without_lines: Sequence[int] = ()
) -> Case:
    """The whole case of some asks, as it stands now. Three queries."""
    return case_after([], asks, now, item_ids=item_ids, without_lines=without_lines)[0]


def case_after(
    first: Sequence[Asked],
    asks: Sequence[Ask],
    now: datetime,
    *,
    item_ids: Sequence[int] = (),
    without_lines: Sequence[int] = (),
) -> tuple[Case, list[list[tuple[Any, ...]]]]:
    """The whole case as it stands when other statements are done, locks for example, and the rows of those. They
    travel in one message with the queries, at most three."""
    site_ids = sorted({site_id for ask in asks for site_id in ask.site_ids})
    items = sorted({a.item_id for a in asks} | {s.item_id for a in asks for s in a.substitutes} | set(item_ids))
    *others, lots, rows = sql.fetch_together(
        [*first, _stocks_asked(items, site_ids, without_lines), _houses_asked(site_ids, now, without_lines)]
    )
    found, records = _stocks(lots)
    houses = {row[0]: _site(row, now) for row in rows}
    case = Case(tuple(asks), tuple(houses[i] for i in site_ids), tuple(found[p] for p in sorted(found)), records)
    return case, others


def selling_sites() -> list[int]:
    """The sites that are in use, by code. One query."""
    return [row[0] for row in sql.fetch_all("SELECT id FROM locations_site WHERE is_active ORDER BY code")]
