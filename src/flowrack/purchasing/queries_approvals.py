"""What a PO looks like to those who must approve it: its facts, and each line against what was bought before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.approvals.queries import Standing, standing
from flowrack.ledger.queries_use import units_sold
from flowrack.platform import sql
from flowrack.purchasing.queries_builder import use_since
from flowrack.purchasing.rules_agreements import off_pct
from flowrack.purchasing.types import PO_KIND
from flowrack.purchasing.types_agreements import PriceSource
from flowrack.shared.refs import key_of, ref


@dataclass(frozen=True, slots=True)
class AskedPo:
    """The head of a PO that asks."""

    po_id: int
    number: str
    site_id: int
    site: str
    supplier_id: int
    supplier: str
    due_on: date
    ordered_on: date
    override_reason: str
    note: str
    writer_ids: list[int]
    changed_by: int
    supplier_code: str
    site_code: str
    is_new_supplier: bool


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line of it, with the last price paid to this supplier (else the agreed one) and what sells."""

    po_id: int
    line_no: int
    item_id: int
    sku: str
    name: str
    units: int
    unit_cost: Decimal
    over_units: int
    last_cost: Decimal | None
    is_new_item: bool
    site_id: int
    price_source: str
    agreed_cost: Decimal | None

    @property
    def off_pct(self) -> Decimal | None:
        """By how many percent a typed price is above the agreed one (negative: below); None where it is as agreed."""
        if self.price_source != PriceSource.TYPED or self.agreed_cost is None or self.unit_cost == self.agreed_cost:
            return None
        return off_pct(agreed=self.agreed_cost, cost=self.unit_cost)


def asked_pos(po_ids: Sequence[int]) -> dict[int, AskedPo]:
    """The heads. A supplier is new until a PO of theirs was approved. One query."""
    rows = sql.fetch_all(
        """
        SELECT po.id, po.number, po.site_id, site.name, po.supplier_id, s.name, po.due_on, po.ordered_on,
               po.override_reason, po.note, po.writer_ids, po.changed_by_id, s.code, site.code,
               NOT EXISTS (SELECT FROM purchasing_po b WHERE b.supplier_id = po.supplier_id AND b.id <> po.id
                           AND b.approved_at IS NOT NULL)
        FROM purchasing_po po JOIN parties_party s ON s.id = po.supplier_id
        JOIN locations_site site ON site.id = po.site_id
        WHERE po.id = ANY(%s)
        """,
        (list(po_ids),),
    )
    return {row[0]: AskedPo(*row) for row in rows}


def asked_lines(po_ids: Sequence[int]) -> dict[int, list[AskedLine]]:
    """The lines by PO in order. One query."""
    found: dict[int, list[AskedLine]] = {po_id: [] for po_id in po_ids}
    rows = sql.fetch_all(
        """
        SELECT l.po_id, l.line_no, l.item_id, i.sku, i.name, l.units, l.unit_cost, l.over_units,
               coalesce(last.unit_cost, l.agreed_cost), bought.unit_cost IS NULL, po.site_id, l.price_source,
               l.agreed_cost
        FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id JOIN catalog_item i ON i.id = l.item_id
        LEFT JOIN LATERAL (
            SELECT b.unit_cost FROM purchasing_poline b JOIN purchasing_po p ON p.id = b.po_id
            WHERE b.item_id = l.item_id AND p.id <> po.id AND p.approved_at IS NOT NULL ORDER BY b.id DESC LIMIT 1
        ) AS bought ON true
        LEFT JOIN LATERAL (
            SELECT b.unit_cost FROM purchasing_poline b JOIN purchasing_po p ON p.id = b.po_id
            WHERE bought.unit_cost IS NOT NULL AND b.item_id = l.item_id AND p.supplier_id = po.supplier_id
              AND p.id <> po.id AND p.approved_at IS NOT NULL
            ORDER BY b.id DESC LIMIT 1
        ) AS last ON true
        WHERE l.po_id = ANY(%s) ORDER BY l.po_id, l.line_no
        """,
        (list(po_ids),),
    )
    for row in rows:
        found[row[0]].append(AskedLine(*row))
    return found


def daily_use(lines: Sequence[AskedLine], today: date) -> dict[tuple[int, int], Decimal]:
    """Units a day that customers take of the items of lines at their sites. One query."""
    return use_of([(line.item_id, line.site_id) for line in lines], today)


def use_of(pairs: Sequence[tuple[int, int]], today: date) -> dict[tuple[int, int], Decimal]:
    """Units a day that customers took of (item, site) since the first of the third month back. One query."""
    since = use_since(today)
    sold = units_sold(list(pairs), since)
    days = (today - since).days + 1
    return {key: Decimal(units) / days for key, units in sold.items()}


def approvals_of(po_ids: Sequence[int]) -> dict[int, Standing]:
    """The newest approval request of each PO that has one. One query."""
    found = standing([ref(PO_KIND, po_id) for po_id in po_ids], PO_KIND)
    return {key_of(subject): one for subject, one in found.items()}


def system_id() -> int:
    """The user that stands for Flowrack itself. One query."""
    return int(sql.fetch_value("SELECT id FROM platform_user WHERE username = 'system'"))


def approvers_of(po_ids: Sequence[int]) -> dict[int, int]:
    """Who approved POs last: the person, or Flowrack itself where no policy asked. Two queries."""
    system = system_id()
    return {po_id: one.last_by_id or system for po_id, one in approvals_of(po_ids).items()}
