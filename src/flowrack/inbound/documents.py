"""Papers of inbound: a claim or debit note as PDF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files

import typst
from django.utils.timezone import localtime

from flowrack.inbound.queries_claims import ClaimRow
from flowrack.inbound.queries_discrepancies import DiscrepancyRow
from flowrack.inbound.types_claims import ClaimKind
from flowrack.platform.web.format import currency_symbol


def claim_paper(row: ClaimRow, lines: Sequence[DiscrepancyRow]) -> bytes:
    """What is asked for and why, line by line; a draft says that it is one."""
    data = {
        "title": "Debit note" if row.kind == ClaimKind.DEBIT_NOTE else "Claim",
        "number": row.number,
        "state": row.state,
        "site": row.site,
        "asked_of": row.asked_of,
        "supplier": row.supplier,
        "date": f"{localtime(row.sent_at or row.created_at):%d %B %Y}",
        "amount": f"{currency_symbol()}{row.amount:,.2f}",
        "note": row.note,
        "lines": [
            {
                "number": line.number,
                "kind": line.kind.replace("_", " "),
                "order": line.po_number,
                "asn": line.asn_number,
                "sku": line.sku,
                "reason": line.reason,
                "units": f"{line.units:,}",
                "amount": f"{line.amount:,.2f}",
                "photos": str(line.photo_count or ""),
            }
            for line in lines
        ],
    }
    source = files("flowrack.inbound").joinpath("typst", "claim.typ").read_bytes()
    return typst.compile(source, format="pdf", sys_inputs={"data": json.dumps(data)})
