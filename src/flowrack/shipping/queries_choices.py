"""Reads of the choices of carriers for pages and API: the list, and one choice at a site that the person may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.carriers.types import ChoiceNotFound
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

STAGES = {
    "planned": "at the release",
    "packed": "when packed",
    "again": "after a slip",
    "person": "by a person",
}


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One choice in a list: for whom, who takes it, what it costs and what was refused."""

    id: int
    orders: str
    customer: str
    place: str
    stage: str
    service: str
    out: str
    cost: Decimal
    lateness: Decimal
    landed: Decimal
    lines: int
    cost_per_line: Decimal | None
    saved: Decimal | None
    ready_on: date
    leaves_on: date | None
    arrives_on: date | None
    days_late: int
    parcels: int
    is_latest: bool
    site: str
    site_id: int
    wave: str
    reason: str
    made_by: str
    made_at: datetime


_CHOICES = """
    SELECT c.id, n.orders, p.name AS customer, trim(c.country || ' ' || c.postcode) AS place, c.stage,
           coalesce(k.name || ' ' || v.name, 'none') AS service,
           coalesce((SELECT string_agg(DISTINCT CASE WHEN x.is_last_resort THEN 'cut_off' ELSE x.why END, ',')
                     FROM carriers_choiceoption x
                     WHERE x.choice_id = c.id AND (x.why <> '' OR x.is_last_resort)), '') AS out,
           c.cost, coalesce(o.penalty, 0) AS lateness, c.cost + coalesce(o.penalty, 0) AS landed, c.lines,
           CASE WHEN c.lines > 0 THEN c.cost / c.lines END AS cost_per_line,
           (SELECT min(CASE WHEN x.account = '' THEN x.price ELSE 0 END + x.penalty) FROM carriers_choiceoption x
            WHERE x.choice_id = c.id AND x.why = '' AND NOT x.is_chosen) - (c.cost + coalesce(o.penalty, 0)) AS saved,
           c.ready_on, o.leaves_on, o.arrives_on, coalesce(o.days_late, 0) AS days_late,
           (SELECT count(*) FROM carriers_choiceparcel x WHERE x.choice_id = c.id) AS parcels, n.is_latest,
           s.name AS site, c.site_id, coalesce(w.number, '') AS wave, c.reason, u.full_name AS made_by, c.made_at
    FROM carriers_choice c JOIN parties_party p ON p.id = c.customer_id JOIN locations_site s ON s.id = c.site_id
    JOIN platform_user u ON u.id = c.made_by_id LEFT JOIN fulfilment_wave w ON w.id = c.wave_id
    LEFT JOIN carriers_choiceoption o ON o.choice_id = c.id AND o.is_chosen
    LEFT JOIN parties_carrierservice v ON v.id = c.service_id LEFT JOIN parties_party k ON k.id = v.carrier_id
    CROSS JOIN LATERAL (
        SELECT coalesce(string_agg(x.number, ', ' ORDER BY x.id), '') AS orders,
               coalesce(bool_or(y.is_latest), false) AS is_latest
        FROM carriers_choiceorder y JOIN sales_order x ON x.id = y.order_id WHERE y.choice_id = c.id
    ) AS n
"""


def choice_list(query: ListQuery) -> Page[ChoiceRow]:
    """Choices of carriers with what they cost. Two queries."""
    return sql_page(
        query,
        ChoiceRow,
        _CHOICES,
        search=("orders", "customer", "service", "wave"),
        totals={
            "cost": "sum(cost)",
            "lateness": "sum(lateness)",
            "landed": "sum(landed)",
            "lines": "sum(lines)",
            "cost_per_line": "sum(cost) / nullif(sum(lines), 0)",
        },
        conditions={"out": "string_to_array(r.out, ',') && %s::text[]"},
        site_column="site_id",
    )


def choices_after(site_ids: frozenset[int], *, after_id: int = 0, limit: int) -> list[ChoiceRow]:
    """Choices with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        _CHOICES
        + """ WHERE c.id > %(after)s AND (0 = ANY(%(sites)s::bigint[]) OR c.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY c.id LIMIT %(limit)s""",
        {"sites": sorted(site_ids), "after": after_id, "limit": limit},
    )
    return [ChoiceRow(*row) for row in rows]


def access_choice(choice_id: int, site_ids: frozenset[int]) -> ChoiceRow:
    """The choice, if it is at a site that the person may see. Refuses with ChoiceNotFound. One query."""
    row = sql.fetch_one(_CHOICES + " WHERE c.id = %s", (choice_id,))
    if row is None or not (0 in site_ids or row[20] in site_ids):
        raise ChoiceNotFound("There is no such choice of a carrier.", fix="Open the list of carrier choices.")
    return ChoiceRow(*row)


def services_chosen() -> list[tuple[str, str]]:
    """The services that any choice may have, for a filter. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.name || ' ' || v.name FROM parties_carrierservice v JOIN parties_party p ON p.id = v.carrier_id
        WHERE v.is_active ORDER BY 1
        """
    )
    return [(row[0], row[0]) for row in rows] + [("none", "none can")]


def orders_of_choice(choice_id: int) -> list[tuple[int, str]]:
    """The orders of a choice: id and number. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, o.number FROM carriers_choiceorder x JOIN sales_order o ON o.id = x.order_id
        WHERE x.choice_id = %s ORDER BY o.id
        """,
        (choice_id,),
    )
    return [(row[0], row[1]) for row in rows]
