"""Reads of rate cards: the list, one version, and the tariffs in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flowrack.carriers.rules_choice import Guide, GuideRule
from flowrack.carriers.rules_rates import Basis, Break, Extra, Hazard, Lane, Mode, Remote, Surcharge, Tariff
from flowrack.carriers.types import (
    CardFuelOf,
    CardHazardOf,
    CardLaneOf,
    CardNotFound,
    CardOf,
    CardRateOf,
    CardRemoteOf,
    CardServiceOf,
    CardSurchargeOf,
    CardTransitOf,
)
from flowrack.parties.rules_holidays import closed_days
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class CardRow:
    """One version in a list; `in_force` on the day that was asked about."""

    id: int
    carrier_id: int
    code: str
    carrier: str
    version: int
    state: str
    name: str
    valid_from: date
    services: int
    rates: int
    written_by: str
    written_by_id: int
    written_at: datetime
    approved_by: str
    approved_at: datetime | None
    in_force: bool
    end_reason: str


_CARDS = """
    SELECT c.id, c.carrier_id, p.code, p.name AS carrier, c.version, c.state, c.name, c.valid_from,
           (SELECT count(*) FROM carriers_cardservice s WHERE s.card_id = c.id) AS services,
           (SELECT count(*) FROM carriers_cardrate r JOIN carriers_cardservice s ON s.id = r.card_service_id
            WHERE s.card_id = c.id) AS rates,
           w.full_name AS written_by, c.written_by_id, c.written_at, coalesce(a.full_name, '') AS approved_by,
           c.approved_at, c.state = 'approved' AND c.id = (
               SELECT f.id FROM carriers_ratecard f WHERE f.carrier_id = c.carrier_id AND f.state = 'approved'
                 AND f.valid_from <= now()::date ORDER BY f.valid_from DESC, f.version DESC LIMIT 1
           ) AS in_force, c.end_reason
    FROM carriers_ratecard c JOIN parties_party p ON p.id = c.carrier_id
    JOIN platform_user w ON w.id = c.written_by_id LEFT JOIN platform_user a ON a.id = c.approved_by_id
"""


def card_list(query: ListQuery) -> Page[CardRow]:
    """Versions of rate cards. Two queries."""
    return sql_page(query, CardRow, _CARDS, search=("code", "carrier", "name"))


def cards_after(card_id: int, *, limit: int) -> list[CardRow]:
    """The next versions by id, for cursor pages. One query."""
    rows = sql.fetch_all(_CARDS + " WHERE c.id > %s ORDER BY c.id LIMIT %s", (card_id, limit))
    return [CardRow(*row) for row in rows]


def card_row(card_id: int) -> CardRow:
    """One version's head. Refuses with CardNotFound."""
    row = sql.fetch_one(_CARDS + " WHERE c.id = %s", (card_id,))
    if row is None:
        raise CardNotFound("There is no such version of a rate card.", fix="Open it from the list of rate cards.")
    return CardRow(*row)


def draft_of(carrier_id: int) -> int:
    """The carrier's draft; 0 without one. One query."""
    sought = "SELECT id FROM carriers_ratecard WHERE carrier_id = %s AND state = 'draft'"
    return int(sql.fetch_value(sought, (carrier_id,)) or 0)


def services_of(carrier_id: int) -> dict[str, int]:
    """The services in use of a carrier, by code. One query."""
    rows = sql.fetch_all(
        "SELECT code, id FROM parties_carrierservice WHERE carrier_id = %s AND is_active ORDER BY code", (carrier_id,)
    )
    return dict(rows)


def services_by_codes(carriers: Sequence[str]) -> dict[tuple[str, str], int]:
    """The services in use of some carriers, by the codes of both. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.code, v.code, v.id FROM parties_carrierservice v JOIN parties_party p ON p.id = v.carrier_id
        WHERE v.is_active AND p.is_active AND p.code = ANY(%s::text[])
        """,
        (sorted(set(carriers)),),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def sites_by_code() -> dict[str, int]:
    """Our sites by code. One query."""
    return dict(sql.fetch_all("SELECT code, id FROM locations_site ORDER BY code"))


_PARTS = {
    "hazards": "SELECT card_service_id, hazard, limited_only FROM carriers_cardhazard",
    "transits": "SELECT card_service_id, zone, days FROM carriers_cardtransit",
    "rates": "SELECT card_service_id, zone, upto_g, price, per_kg, over_g FROM carriers_cardrate",
    "surcharges": "SELECT card_service_id, cause, amount, is_per_parcel, has_fuel, over_length_mm, over_girth_mm,"
    " over_weight_g FROM carriers_cardsurcharge",
}
_LANES = """
    SELECT l.card_id, l.zone, coalesce(s.code, ''), l.origin_country, l.country, l.region, l.postcode_from,
           l.postcode_to, coalesce(l.origin_site_id, 0)
    FROM carriers_cardlane l LEFT JOIN locations_site s ON s.id = l.origin_site_id
    WHERE l.card_id = ANY(%s::bigint[]) ORDER BY l.id
"""
_FUELS = "SELECT card_id, from_on, percent FROM carriers_cardfuel WHERE card_id = ANY(%s::bigint[]) ORDER BY from_on"
_REMOTES = """
    SELECT card_id, country, postcode_from, postcode_to FROM carriers_cardremote
    WHERE card_id = ANY(%s::bigint[]) ORDER BY id
"""
_SERVICES = """
    SELECT s.id, s.card_id, s.service_id, c.carrier_id, p.name, s.code, v.name, c.version, s.mode, s.basis, s.divisor,
           s.step_g, s.minimum, s.max_parcel_g, s.max_length_mm, s.max_girth_mm, s.min_pallets, s.dock_minutes,
           s.goes_on, s.delivers_on, p.holidays_of
    FROM carriers_cardservice s JOIN carriers_ratecard c ON c.id = s.card_id
    JOIN parties_party p ON p.id = c.carrier_id JOIN parties_carrierservice v ON v.id = s.service_id
    WHERE s.card_id = ANY(%s::bigint[]) ORDER BY s.id
"""
HOLIDAYS_AHEAD = timedelta(days=180)  # of goods on their way
Rows = dict[int, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class _Read:
    """Everything of some versions, as rows by what they belong to."""

    services: list[tuple[Any, ...]]
    parts: dict[str, Rows]
    lanes: Rows
    fuels: Rows
    remotes: Rows


def _read(card_ids: Sequence[int]) -> _Read:
    services = sql.fetch_all(_SERVICES, (list(card_ids),))
    ids = [row[0] for row in services]
    parts = {
        name: _grouped(sql.fetch_all(text + " WHERE card_service_id = ANY(%s::bigint[]) ORDER BY id", (ids,)))
        for name, text in _PARTS.items()
    }
    rest = [_grouped(sql.fetch_all(text, (list(card_ids),))) for text in (_LANES, _FUELS, _REMOTES)]
    return _Read(services, parts, *rest)


def _grouped(rows: Iterable[tuple[Any, ...]]) -> Rows:
    found: Rows = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1:])
    return found


def card(card_id: int) -> CardOf:
    """All that a version says. Refuses with CardNotFound. Nine queries."""
    head = card_row(card_id)
    read = _read([card_id])
    services = [
        CardServiceOf(  # type: ignore[call-arg]
            row[5], *row[8:20],
            [CardHazardOf(*r) for r in read.parts["hazards"].get(row[0], [])],
            [CardTransitOf(*r) for r in read.parts["transits"].get(row[0], [])],
            [CardRateOf(*r) for r in read.parts["rates"].get(row[0], [])],
            [CardSurchargeOf(*r) for r in read.parts["surcharges"].get(row[0], [])],
        )
        for row in read.services
    ]  # fmt: skip
    return CardOf(
        head.valid_from,
        head.name,
        services,
        [CardLaneOf(*r[:7]) for r in read.lanes.get(card_id, [])],
        [CardFuelOf(*r) for r in read.fuels.get(card_id, [])],
        [CardRemoteOf(*r) for r in read.remotes.get(card_id, [])],
    )


def tariffs(on: date) -> list[Tariff]:
    """The services in use with the version of their carrier's card that is in force on a day. Eight queries."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT ON (c.carrier_id) c.id FROM carriers_ratecard c
        JOIN parties_party p ON p.id = c.carrier_id AND p.is_active
        WHERE c.state = 'approved' AND c.valid_from <= %s ORDER BY c.carrier_id, c.valid_from DESC, c.version DESC
        """,
        (on,),
    )
    return tariffs_of([row[0] for row in rows], on=on) if rows else []


def tariffs_of(card_ids: Sequence[int], *, only_active: bool = True, on: date | None = None) -> list[Tariff]:
    """The services of versions as the choice reads them, with the holidays that their carriers keep from a day on (None
    = without them). Seven queries."""
    read = _read(card_ids)
    active = set(services_in_use()) if only_active else {row[2] for row in read.services}
    found = [(_tariff(row, read), row[20]) for row in read.services if row[2] in active]
    if on is None:
        return [tariff for tariff, _ in found]
    return [replace(tariff, closed=closed_days(keeps, on, on + HOLIDAYS_AHEAD)) for tariff, keeps in found]


def services_in_use() -> list[int]:
    """Services that carriers still offer. One query."""
    return [row[0] for row in sql.fetch_all("SELECT id FROM parties_carrierservice WHERE is_active ORDER BY id")]


def _tariff(row: tuple[Any, ...], read: _Read) -> Tariff:
    breaks: dict[str, list[Break]] = {}
    for zone, upto_g, price, per_kg, over_g in read.parts["rates"].get(row[0], []):
        breaks.setdefault(zone, []).append(Break(upto_g, price, per_kg, over_g))
    return Tariff(  # type: ignore[call-arg]
        row[1], row[2], row[3], row[4], row[5], row[6], row[7], Mode(row[8]), Basis(row[9]), *row[10:18],
        tuple(row[18]),
        tuple(row[19]),
        frozenset(Hazard(*r) for r in read.parts["hazards"].get(row[0], [])),
        tuple(Lane(r[0], r[7], *r[2:7]) for r in read.lanes.get(row[1], [])),
        dict(read.parts["transits"].get(row[0], [])),
        {zone: tuple(sorted(found)) for zone, found in breaks.items()},
        tuple((on, percent) for on, percent in read.fuels.get(row[1], [])),
        tuple(Surcharge(Extra(r[0]), *r[1:]) for r in read.parts["surcharges"].get(row[0], [])),
        tuple(Remote(*r) for r in read.remotes.get(row[1], [])),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class GuideRow:
    """A line of a customer's routing guide, for his page."""

    carrier: str
    service: str
    name: str
    rule: str
    account: str


def guide_of(customer_id: int) -> list[GuideRow]:
    """The routing guide of a customer. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.code, v.code, v.name, g.rule, g.account FROM carriers_guideline g
        JOIN parties_carrierservice v ON v.id = g.service_id JOIN parties_party p ON p.id = v.carrier_id
        WHERE g.customer_id = %s ORDER BY g.id
        """,
        (customer_id,),
    )
    return [GuideRow(*row) for row in rows]


def guides(customer_ids: Sequence[int]) -> dict[int, tuple[Guide, ...]]:
    """Routing guides as the choice reads them. One query."""
    found: dict[int, tuple[Guide, ...]] = {}
    for customer_id, service_id, rule, account in sql.fetch_all(
        """
        SELECT customer_id, service_id, rule, account FROM carriers_guideline
        WHERE customer_id = ANY(%s::bigint[]) ORDER BY id
        """,
        (sorted(set(customer_ids)),),
    ):
        found[customer_id] = (*found.get(customer_id, ()), Guide(service_id, GuideRule(rule), account))
    return found


def late_costs() -> dict[str, Decimal]:
    """What a day of lateness counts, by tier. One query."""
    return dict(sql.fetch_all("SELECT tier, amount FROM carriers_latecost ORDER BY tier"))


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service of a carrier: how it goes by the card in force, and how often it was chosen in 30 days."""

    id: int
    carrier_id: int
    carrier: str
    code: str
    name: str
    mode: str
    basis: str
    goes_on: list[int]
    takes: str
    max_parcel_g: int | None
    dock_minutes: int | None
    card_id: int | None
    version: int | None
    chosen: int
    is_active: bool


_SERVICE_LIST = """
    SELECT v.id, p.id AS carrier_id, p.code || ' ' || p.name AS carrier, v.code, v.name, coalesce(s.mode, '') AS mode,
           coalesce(s.basis, '') AS basis, coalesce(s.goes_on, '{}') AS goes_on,
           coalesce((SELECT string_agg(h.hazard || CASE WHEN h.limited_only THEN ' LQ' ELSE '' END, ', '
                                       ORDER BY h.hazard)
                     FROM carriers_cardhazard h WHERE h.card_service_id = s.id), '') AS takes,
           s.max_parcel_g, s.dock_minutes, s.card_id, s.version,
           (SELECT count(*) FROM carriers_choice c WHERE c.service_id = v.id AND c.made_at > now() - interval '30 days'
           ) AS chosen, v.is_active
    FROM parties_carrierservice v JOIN parties_party p ON p.id = v.carrier_id
    LEFT JOIN LATERAL (
        SELECT x.*, c.version FROM carriers_ratecard c JOIN carriers_cardservice x ON x.card_id = c.id
             AND x.service_id = v.id
        WHERE c.id = (SELECT f.id FROM carriers_ratecard f WHERE f.carrier_id = p.id AND f.state = 'approved'
                      AND f.valid_from <= now()::date ORDER BY f.valid_from DESC, f.version DESC LIMIT 1)
    ) AS s ON true
"""


def service_list(query: ListQuery) -> Page[ServiceRow]:
    """Services of carriers as they are today. Two queries."""
    return sql_page(query, ServiceRow, _SERVICE_LIST, search=("carrier", "code", "name"))
