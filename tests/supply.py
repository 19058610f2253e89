"""Builders for tests from purchase order to bin: a supplier, items with agreements, and each step done by a command."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flowrack.inbound import commands as inbound
from flowrack.inbound.types import CountedLine, Receive, Received
from flowrack.ledger.tests.house import House, house, item, lot, value  # noqa: F401 - for the tests
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import ApprovePo, CreatePo, NewPo, NewPoLine, PoCreated
from flowrack.shared.quantity import Units
from tests.cast import BO, DI, ED, ctx


def supplier(code: str = "OSTLER", *, lead_time_days: int = 5) -> int:
    """A supplier with terms; the id."""
    party = value(
        "INSERT INTO parties_party (code, name, is_supplier) VALUES (%s, %s, true) RETURNING id", code, f"{code} Works"
    )
    sql.execute("INSERT INTO parties_supplierterms (party_id, lead_time_days) VALUES (%s, %s)", (party, lead_time_days))
    return party


def sells(
    supplier_id: int, item_id: int, cost: str = "4", *, moq: int = 1, multiple: int = 1, preferred: bool = True
) -> None:
    """What the supplier takes for the item."""
    sql.execute(
        """
        INSERT INTO parties_supplieritem (supplier_id, item_id, unit_cost, moq, multiple, is_preferred)
        VALUES (%s, %s, %s, %s, %s, %s)
        """,
        (supplier_id, item_id, Decimal(cost), moq, multiple, preferred),
    )


def case(item_id: int, factor: int) -> None:
    """The item also comes in cases."""
    sql.execute("INSERT INTO catalog_packlevel (item_id, level, factor) VALUES (%s, 'case', %s)", (item_id, factor))


def draft(site: int, supplier_id: int, *lines: tuple[int, int, str], due: date | None = None) -> PoCreated:
    """Di writes an order of (item, units, unit cost)."""
    asked = NewPo(
        supplier_id=supplier_id,
        site_id=site,
        lines=[NewPoLine(item_id, Units(units), Decimal(cost)) for item_id, units, cost in lines],
        due_on=due,
        cover_reason="the test says so",
    )
    return purchasing.create_po(ctx(DI), CreatePo([asked])).pos[0]


def approved(site: int, supplier_id: int, *lines: tuple[int, int, str], due: date | None = None) -> PoCreated:
    """The same, and Ed approves it."""
    po = draft(site, supplier_id, *lines, due=due)
    purchasing.approve_po(ctx(ED), ApprovePo([po.po_id]))
    return po


def receive(
    po: PoCreated, at: House, *lines: CountedLine, place: str = "receiving1", by: Context | None = None
) -> Received:
    """Bo receives counted lines at the dock."""
    return inbound.receive(by or ctx(BO), Receive(po_id=po.po_id, location_id=at.places[place], lines=list(lines)))


def po_state(po: PoCreated) -> tuple[str, list[tuple[int, int, int]]]:
    """State and (ordered, received, short) of each line."""
    rows = sql.fetch_all(
        "SELECT units, received_units, short_units FROM purchasing_poline WHERE po_id = %s ORDER BY line_no",
        (po.po_id,),
    )
    return str(sql.fetch_value("SELECT state FROM purchasing_po WHERE id = %s", (po.po_id,))), [tuple(r) for r in rows]


def standing(item_id: int) -> dict[tuple[str, str], int]:
    """Units of an item by (location code, state), physical places only."""
    rows = sql.fetch_all(
        """
        SELECT b.code, c.state, sum(c.on_hand)::bigint FROM ledger_cell c
        JOIN locations_location b ON b.id = c.location_id
        WHERE c.item_id = %s AND NOT c.is_virtual AND c.on_hand > 0 GROUP BY 1, 2 ORDER BY 1, 2
        """,
        (item_id,),
    )
    return {(code, state): units for code, state, units in rows}


TABLES = (
    "purchasing_po",
    "purchasing_poline",
    "inbound_receipt",
    "inbound_receiptline",
    "storage_plannedmove",
    "ledger_posting",
    "ledger_move",
    "tasks_task",
    "platform_commandrecord",
    "platform_outboxevent",
    "platform_decision",
    "catalog_lot",
    "locations_lpn",
)


def counts_of() -> dict[str, int]:
    """Rows of every table that these commands write, to show that a refused one left no trace."""
    return {table: int(sql.fetch_value(f"SELECT count(*) FROM {table}")) for table in TABLES}
