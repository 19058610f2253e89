"""Reads of what is still to be proved of cartons before they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class UnprovedRow:
    """A closed carton that may not leave yet: by its weight, or as its label is not scanned or another carrier's."""

    carton_id: int
    order_id: int
    sscc: str
    order: str
    is_weight_off: bool
    is_not_weighed: bool
    is_other_carriers: bool

    @property
    def lacks(self) -> str:
        """What keeps it in the house, in words."""
        if self.is_weight_off:
            return "its weight is off"
        if self.is_not_weighed:
            return "it was not weighed"
        return "its label is another carrier's" if self.is_other_carriers else "its label was not scanned"

    @property
    def is_only_unscanned(self) -> bool:
        """Whether a scan of its label is all that it lacks."""
        return not (self.is_weight_off or self.is_not_weighed or self.is_other_carriers)

    @property
    def refusal(self) -> tuple[str, str]:
        """What keeps it in the house as a sentence, and the way out."""
        if self.is_weight_off:
            return f"The weight of {self.sscc} is off ({self.order}).", "Weigh it again, or let a lead accept it."
        if self.is_not_weighed:
            return f"{self.sscc} was not weighed ({self.order}).", "Put it on the scale: scan its label in Pack."
        if self.is_other_carriers:
            return f"The label of {self.sscc} is another carrier's ({self.order}).", "Print it anew and stick it over."
        return f"The label of {self.sscc} was not scanned ({self.order}).", "Scan its label in Pack."


_UNPROVED = """
    SELECT k.id, k.order_id, k.sscc, o.number, coalesce(w.state = 'off', false),
           w.state IS NULL AND coalesce(r.must_weigh, false),
           coalesce(l.carrier_id <> coalesce(cs.carrier_id, 0), false)
    FROM fulfilment_carton k JOIN sales_order o ON o.id = k.order_id
    JOIN locations_site h ON h.id = o.site_id
    CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE h.timezone)::date AS is_on) AS today
    LEFT JOIN carriers_choiceorder co ON co.order_id = o.id AND co.is_latest
    LEFT JOIN carriers_choice cc ON cc.id = co.choice_id
    LEFT JOIN parties_carrierservice cs ON cs.id = cc.service_id
    LEFT JOIN LATERAL (
        SELECT w.state FROM fulfilment_cartonweighing w WHERE w.carton_id = k.id AND w.weighed_at >= k.changed_at
        ORDER BY w.id DESC LIMIT 1
    ) AS w ON true
    LEFT JOIN LATERAL (
        SELECT r.must_weigh FROM fulfilment_packrule r
        WHERE (r.site_id IS NULL OR r.site_id = o.site_id)
          AND (r.customer_id IS NULL OR r.customer_id = o.customer_id)
        ORDER BY r.customer_id NULLS LAST, r.site_id NULLS LAST LIMIT 1
    ) AS r ON true
    LEFT JOIN LATERAL (
        SELECT v.is_scanned FROM labels_labelspec s JOIN labels_labelspecversion v ON v.spec_id = s.id
        WHERE s.kind = 'carton' AND v.state = 'approved' AND coalesce(v.valid_from, today.is_on) <= today.is_on
          AND coalesce(v.valid_until, today.is_on) >= today.is_on
          AND (s.customer_id = o.customer_id
               OR s.customer_id IS NULL AND (s.carrier_id IS NULL OR s.carrier_id = cs.carrier_id))
        ORDER BY s.customer_id IS NULL, s.carrier_id IS NULL, v.approved_at DESC, v.id DESC LIMIT 1
    ) AS v ON true
    LEFT JOIN LATERAL (
        SELECT l.scanned_at, s.carrier_id FROM labels_labelprint l
        JOIN labels_labelspecversion v ON v.id = l.version_id JOIN labels_labelspec s ON s.id = v.spec_id
        WHERE l.subject = 'fulfilment.carton:' || k.id AND l.kind = 'carton' AND l.printed_at >= k.changed_at
        ORDER BY l.id DESC LIMIT 1
    ) AS l ON true
    WHERE {which} AND k.state = 'packed'
      AND (w.state = 'off' OR w.state IS NULL AND r.must_weigh OR v.is_scanned AND l.scanned_at IS NULL
           OR l.carrier_id <> coalesce(cs.carrier_id, 0))
    ORDER BY k.id
"""


def unproved(lpn_ids: Sequence[int], *, now: datetime) -> list[UnprovedRow]:
    """Which of these plates are cartons that may not leave yet, by the label specs of the day it is at their sites.

    Only the newest label of a carton counts. One query.
    """
    which = "k.lpn_id = ANY(%(plates)s::bigint[])"
    rows = sql.fetch_all(_UNPROVED.format(which=which), {"plates": list(lpn_ids), "now": now})
    return [UnprovedRow(*row) for row in rows]


def kept_back(order_ids: Sequence[int], *, now: datetime) -> dict[int, list[UnprovedRow]]:
    """Of each order the cartons that every truck refuses; a label that is only to be scanned is scanned there. One
    query, none for no orders."""
    if not order_ids:
        return {}
    which = "k.order_id = ANY(%(orders)s::bigint[])"
    found: dict[int, list[UnprovedRow]] = {}
    for row in sql.fetch_all(_UNPROVED.format(which=which), {"orders": list(order_ids), "now": now}):
        one = UnprovedRow(*row)
        if not one.is_only_unscanned:
            found.setdefault(one.order_id, []).append(one)
    return found
