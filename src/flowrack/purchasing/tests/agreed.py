"""Builders for tests of agreements."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.cast import DI, ED, ctx

from flowrack.ledger.tests.house import House, value
from flowrack.platform import sql
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing import commands_agreements as commands
from flowrack.purchasing.types import CreatePo, NewPo, NewPoLine, PoCreated
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    AgreedTerms,
    AgreementContent,
    AgreementSaved,
    ApproveAgreement,
    CreateAgreement,
    PriceBreak,
)
from flowrack.shared.quantity import Units

MARCH = date(2026, 3, 1)


def prices(*breaks: tuple[int, str] | tuple[int, str, date]) -> list[PriceBreak]:
    """Breaks of (from units, unit cost[, first day])."""
    return [PriceBreak(Units(b[0]), Decimal(b[1]), *b[2:]) for b in breaks]


def content(supplier: int, *lines: AgreedLine, **more: Any) -> AgreementContent:
    """An agreement from 1 March on; further keywords go to the terms or the head."""
    head = {name: more.pop(name) for name in ("site_id", "valid_from", "valid_to", "reference") if name in more}
    return AgreementContent(
        **{"supplier_id": supplier, "valid_from": MARCH, **head}, terms=AgreedTerms(**more), lines=list(lines)
    )


def in_force(supplier: int, *lines: AgreedLine, **more: Any) -> AgreementSaved:
    """Di writes an agreement and Ed approves it."""
    draft = commands.create_agreement(ctx(DI), CreateAgreement(content(supplier, *lines, **more)))
    return commands.approve_agreement(ctx(ED), ApproveAgreement(draft.agreement_id, draft.revision))


def family(code: str, *items: int) -> int:
    """A family of these items."""
    key = value("INSERT INTO catalog_family (code, name) VALUES (%s, %s) RETURNING id", code, code.title())
    sql.execute("UPDATE catalog_item SET family_id = %s WHERE id = ANY(%s)", (key, list(items)))
    return key


def order(here: House, seller: int, *lines: tuple[int, int, str | None]) -> PoCreated:
    """Di writes an order of (item, units, typed unit cost)."""
    asked = [NewPoLine(i, Units(n), None if c is None else Decimal(c)) for i, n, c in lines]
    return purchasing.create_po(
        ctx(DI), CreatePo([NewPo(seller, here.site, asked, cover_reason="a test of prices")])
    ).pos[0]


def told(po: PoCreated) -> list[tuple[Any, ...]]:
    """Units, cost, where it came from, what was agreed, over and under units of each line."""
    return sql.fetch_all(
        "SELECT units, unit_cost, price_source, agreed_cost, over_units, under_units FROM purchasing_poline"
        " WHERE po_id = %s ORDER BY line_no",
        (po.po_id,),
    )
