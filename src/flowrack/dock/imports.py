"""What the dock takes from files: ASNs, one row for each line. A notice comes as a whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowrack.dock import queries
from flowrack.dock.rules_heads import AsnFacts, examine, known_reference, known_ssccs
from flowrack.dock.types import NewAsn, NewAsnLine, NewPack, PackKind
from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.platform.importing import Column, Definition, Lookup, Mapped, Problems, Target, cells
from flowrack.shared.errors import BadLine

COLUMNS = [
    Column("supplier", "Supplier", cells.code(40), required=True, aliases=("supplier code", "vendor", "from")),
    Column(
        "reference", "Reference", cells.code(80), required=True,
        aliases=("asn", "asn number", "despatch advice", "delivery note", "shipment"),
    ),
    Column("site", "Site", cells.code(20), required=True, aliases=("warehouse", "ship to", "site code")),
    Column("expected_at", "Expected on", cells.day, "date", aliases=("expected", "eta", "arrives on", "delivery date")),
    Column("carrier", "Carrier", cells.code(40), aliases=("carrier code", "haulier")),
    Column("sscc", "SSCC", cells.code(20), aliases=("pallet", "pack", "license plate")),
    Column("kind", "Kind of pack", cells.choice({"pallet": "pallet", "carton": "carton"}), aliases=("pack type",)),
    Column("parent", "Stands on", cells.code(20), aliases=("parent sscc", "parent", "pallet sscc")),
    Column("item", "Item", cells.code(60), required=True, aliases=("sku", "gtin", "barcode", "article", "item code")),
    Column(
        "quantity", "Quantity", cells.quantity(places=6, least=0), "numeric", required=True, aliases=("qty", "units")
    ),
    Column("uom", "Unit", cells.code(40), aliases=("uom", "unit of measure")),
    Column("lot", "Lot", cells.code(60), aliases=("batch", "serial", "lot number")),
    Column("is_lot_confirmed", "Lot is sure", cells.boolean, "boolean", aliases=("lot confirmed", "same lot")),
    Column("produced_on", "Produced on", cells.day, "date", aliases=("production date", "made on")),
    Column("expires_on", "Expires on", cells.day, "date", aliases=("expiry", "expiry date", "best before")),
    Column("po_number", "PO", cells.code(20), aliases=("po number", "order", "purchase order")),
    Column("po_line_no", "PO line", cells.number(least=1, most=100_000), "int", aliases=("order line", "po line no")),
]  # fmt: skip
LINE_FIELDS = {"sscc": "sscc", "packs": "sscc", "lines": "item", "carrier": "carrier", "expected_at": "expected_at"}


@dataclass(frozen=True, slots=True)
class FileAsn:
    """An ASN of the file, and the row of each of its lines."""

    asn: NewAsn
    rows: list[int]
    is_whole: bool


def read_stage() -> list[FileAsn]:
    """The ASNs of the staged file in order; one with a bad row is not whole."""
    rows = sql.fetch_all(
        """
        SELECT s.row, s.supplier_id, s.site_id, s.reference, s.carrier_id, (s.expected_at + time '12:00')
               AT TIME ZONE site.timezone, coalesce(s.sscc, ''), coalesce(s.kind, 'pallet'), coalesce(s.parent, ''),
               coalesce(s.item, ''), coalesce(s.quantity, 0), coalesce(s.uom, ''), coalesce(s.lot, ''), s.produced_on,
               s.expires_on, coalesce(s.po_number, ''), coalesce(s.po_line_no, 0), s.bad,
               coalesce(s.is_lot_confirmed, false)
        FROM import_stage s JOIN locations_site site ON site.id = s.site_id
        WHERE s.supplier_id IS NOT NULL AND s.reference IS NOT NULL ORDER BY s.row
        """
    )
    groups: dict[tuple[int, str], list[tuple[object, ...]]] = {}
    for row in rows:
        groups.setdefault((row[1], row[3]), []).append(row)
    return [_asn_of(of_one) for of_one in groups.values()]


def _asn_of(rows: list[tuple[object, ...]]) -> FileAsn:
    head: tuple[object, ...] = rows[0]
    packs: dict[str, NewPack] = {}
    for row in rows:
        sscc, kind, parent = str(row[6]), str(row[7]), str(row[8])
        if sscc:
            packs.setdefault(sscc, NewPack(sscc, PackKind(kind), parent))
        if parent:
            packs.setdefault(parent, NewPack(parent))
    lines = [
        NewAsnLine(
            item=str(row[9]), quantity=row[10], uom=str(row[11]), sscc=str(row[6]), lot=str(row[12]),  # type: ignore[arg-type]
            produced_on=row[13], expires_on=row[14], po_number=str(row[15]), po_line_no=int(str(row[16])),  # type: ignore[arg-type]
            is_lot_confirmed=bool(row[18]),
        )
        for row in rows
    ]  # fmt: skip
    asn = NewAsn(
        supplier_id=int(str(head[1])), site_id=int(str(head[2])), reference=str(head[3]), lines=lines,
        packs=list(packs.values()), expected_at=head[5], carrier_id=int(str(head[4] or 0)),  # type: ignore[arg-type]
    )  # fmt: skip
    same_head = all(row[2] == head[2] for row in rows)
    return FileAsn(asn, [int(str(row[0])) for row in rows], same_head and not any(row[17] for row in rows))


def definition(good: list[NewAsn] | None = None) -> Definition:
    """How a file of ASNs is read; those that are whole and right are put into `good`."""

    def check_asns(problems: Problems, mapped: Mapped) -> None:
        """Everything that the command would refuse, at its row. A notice with one bad row is left out as a whole."""
        found = read_stage()
        facts = queries.asn_facts([one.asn for one in found], now=now())
        for place, one in enumerate(found):
            at = facts.arrives_on[place : place + 1]
            alone = AsnFacts(facts.suppliers, facts.carriers, at, facts.known, facts.references, facts.ssccs)
            _, bad = examine([one.asn], alone)
            known = known_reference(one.asn, facts)
            bad += [known] if known else known_ssccs(one.asn, facts)
            sites = {row for row in one.rows if row in problems.bad_rows}
            _note(problems, mapped, one, [] if sites else bad)
            if good is not None and one.is_whole and not bad and not sites:
                good.append(one.asn)

    return Definition(
        kind="asns",
        title="ASNs",
        permission="dock.enter",
        help="What suppliers announce: one row for each line; rows with the same supplier and reference are one ASN.",
        key=("supplier", "reference", "sscc", "item", "lot", "po_number", "po_line_no"),
        columns=COLUMNS,
        lookups=[
            Lookup(
                "supplier", "parties_party", "code", "supplier_id", "supplier", where="t.is_supplier AND t.is_active"
            ),
            Lookup("site", "locations_site", "code", "site_id", "site", where="t.is_active"),
            Lookup("carrier", "parties_party", "code", "carrier_id", "carrier", where="t.is_carrier AND t.is_active"),
        ],
        # The command writes; the target only tells which rows are new.
        targets=[
            Target(
                table="dock_asn",
                key={"supplier_id": "s.supplier_id", "reference": "s.reference", "state": "'expected'"},
                columns={},
                where="false",
            )
        ],
        checks=[check_asns],
    )


def _note(problems: Problems, mapped: Mapped, one: FileAsn, bad: list[BadLine]) -> None:
    columns: Mapping[str, str] = LINE_FIELDS
    for fault in bad:
        row = one.rows[fault.line - 1] if 0 < fault.line <= len(one.rows) and fault.field != "packs" else one.rows[0]
        name = columns.get(fault.field, fault.field)
        problems.add(row, mapped.label(name), "", fault.message, fault.fix)
    if bad or any(row in problems.bad_rows for row in one.rows) or not one.is_whole:
        for row in one.rows:
            if row not in problems.bad_rows:
                sentence = "Another row of this ASN is wrong, or says another site."
                problems.add(row, mapped.label("reference"), one.asn.reference, sentence, "Correct that row first.")


ASNS = definition()
