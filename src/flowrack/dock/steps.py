"""Writes of notices: taking ASNs in, matching their lines again, and what inbound tells about packs."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.dock import locks, rules
from flowrack.dock.queries import po_offers
from flowrack.dock.rules import ReadLine
from flowrack.dock.states import AsnState, advance_asn
from flowrack.dock.types import AsnKnown, Flag, NewAsn, ReceivedPack, SsccKnown
from flowrack.platform import sql
from flowrack.platform.numbers import next_numbers
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import BadLine, Invalid


def insert_asns(ctx: Context, asns: Sequence[NewAsn]) -> list[tuple[int, str]]:
    """Write the heads; (id, number) of each in order. Two statements."""
    numbers = next_numbers("ASN", len(asns))
    rows = sql.fetch_all(
        """
        INSERT INTO dock_asn (created_by_id, created_at, state, number, supplier_id, site_id, reference, carrier_id,
                              expected_at)
        SELECT %s, %s, 'expected', n.number, n.supplier_id, n.site_id, n.reference, nullif(n.carrier_id, 0),
               n.expected_at
        FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[])
             AS n(number, supplier_id, site_id, reference, carrier_id, expected_at)
        RETURNING number, id
        """,
        (
            ctx.actor_id,
            ctx.now,
            numbers,
            [a.supplier_id for a in asns],
            [a.site_id for a in asns],
            [a.reference.strip() for a in asns],
            [a.carrier_id for a in asns],
            [a.expected_at.isoformat() if a.expected_at else None for a in asns],
        ),
    )
    ids = dict(rows)
    return [(ids[number], number) for number in numbers]


def insert_packs(ctx: Context, asns: Sequence[tuple[int, NewAsn]]) -> dict[str, int]:
    """Write the packs of new ASNs and what stands on what; SSCC -> id. Two statements."""
    packs = [(asn_id, pack) for asn_id, asn in asns for pack in rules.packs_of(asn)]
    if not packs:
        return {}
    rows = sql.fetch_all(
        """
        INSERT INTO dock_asnpack (asn_id, sscc, kind, taken)
        SELECT n.asn_id, n.sscc, n.kind, tstzrange(%s, NULL)
        FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS n(asn_id, sscc, kind)
        RETURNING sscc, id
        """,
        (ctx.now, [a for a, _ in packs], [p.sscc for _, p in packs], [str(p.kind) for _, p in packs]),
    )
    ids = dict(rows)
    standing = [pack for _, pack in packs if pack.parent]
    if standing:
        sql.execute(
            """
            UPDATE dock_asnpack p SET parent_id = n.parent_id
            FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, parent_id) WHERE p.id = n.id
            """,
            ([ids[p.sscc] for p in standing], [ids[p.parent] for p in standing]),
        )
    return ids


def insert_lines(asn_id_lines: Sequence[tuple[int, ReadLine]], packs: dict[str, int]) -> list[int]:
    """Write the lines of new ASNs; their ids in order. One statement."""
    lines = [line for _, line in asn_id_lines]
    rows = sql.fetch_all(
        """
        INSERT INTO dock_asnline (asn_id, line_no, pack_id, item_id, units, case_units, lot_code, produced_on,
                                  expires_on, po_number, po_line_no, po_line_id, match_reason, flags)
        SELECT n.asn_id, n.line_no, nullif(n.pack_id, 0), n.item_id, n.units, n.case_units, n.lot, n.produced_on,
               n.expires_on, n.po_number, n.po_line_no, nullif(n.po_line_id, 0), n.reason,
               coalesce(string_to_array(nullif(n.flags, ''), ' '), '{}')
        FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
                    %s::date[], %s::date[], %s::text[], %s::int[], %s::bigint[], %s::text[], %s::text[])
             AS n(asn_id, line_no, pack_id, item_id, units, case_units, lot, produced_on, expires_on, po_number,
                  po_line_no, po_line_id, reason, flags)
        RETURNING asn_id, line_no, id
        """,
        (
            [asn_id for asn_id, _ in asn_id_lines],
            [x.line_no for x in lines],
            [packs.get(x.sscc, 0) for x in lines],
            [x.item_id for x in lines],
            [x.units for x in lines],
            [x.case_units for x in lines],
            [x.lot for x in lines],
            [x.produced_on.isoformat() if x.produced_on else None for x in lines],
            [x.expires_on.isoformat() if x.expires_on else None for x in lines],
            [x.po_number for x in lines],
            [x.po_line_no for x in lines],
            [x.po_line_id for x in lines],
            [x.match_reason for x in lines],
            [" ".join(x.flags) for x in lines],
        ),
    )
    ids = {(row[0], row[1]): row[2] for row in rows}
    return [ids[asn_id, line.line_no] for asn_id, line in asn_id_lines]


def end_asn(ctx: Context, asn_id: int, state: AsnState, reason: str) -> int:
    """End an ASN: SSCCs of packs that did not come are free again; units that did not come. Three statements."""
    sql.execute(
        "UPDATE dock_asn SET state = %s, ended_at = %s, end_reason = %s WHERE id = %s",
        (str(state), ctx.now, reason[:200], asn_id),
    )
    sql.execute("UPDATE dock_asnpack SET taken = 'empty' WHERE asn_id = %s AND upper_inf(taken)", (asn_id,))
    sql.execute("UPDATE dock_appointmentasn SET is_live = false WHERE asn_id = %s AND is_live", (asn_id,))
    return int(
        sql.fetch_value(
            "SELECT coalesce(sum(greatest(units - received_units, 0)), 0)::bigint FROM dock_asnline WHERE asn_id = %s",
            (asn_id,),
        )
    )


def set_asn_states(asns: Sequence[tuple[int, str, str]], action: str) -> None:
    """Move locked ASNs on, (id, number, state) each; refuses with WrongState. One statement."""
    after = [str(advance_asn(AsnState(state), action, number=number)) for _, number, state in asns]
    sql.execute(
        """
        UPDATE dock_asn a SET state = n.state FROM unnest(%s::bigint[], %s::text[]) AS n(id, state)
        WHERE a.id = n.id AND a.state <> n.state
        """,
        ([asn_id for asn_id, _, _ in asns], after),
    )


def begin_receiving(asn_id: int) -> None:
    """Lock an ASN of which something is about to be counted. Refuses with WrongState when it has ended. Two
    statements."""
    set_asn_states(locks.asns([asn_id]), "receive")


def mark_received(ctx: Context, received: Sequence[ReceivedPack]) -> None:
    """What inbound counted of ASN lines; negative units take a count back. Four statements, whatever the number.

    The ASN is now being received. The SSCCs of packs that came stay taken for a year. Refuses with WrongState when an
    ASN has ended, and with Invalid when more is taken back than was counted.
    """
    if not received:
        return
    line_ids = [one.asn_line_id for one in received]
    asns = locks.asns_of_lines(line_ids)
    set_asn_states(asns, "receive")
    rows = sql.fetch_all(
        """
        UPDATE dock_asnline l SET received_units = l.received_units + n.units
        FROM (SELECT id, sum(units)::bigint AS units FROM unnest(%s::bigint[], %s::bigint[]) AS u(id, units)
              GROUP BY id) AS n(id, units)
        WHERE l.id = n.id AND l.received_units + n.units >= 0 RETURNING l.id
        """,
        (line_ids, [one.units for one in received]),
    )
    if len(rows) < len(set(line_ids)):
        raise Invalid("More would be taken back than was counted on the ASN.", fix="Read the ASN again.")
    # A pack came when something of it, or of a pack on it, was counted.
    sql.execute(
        """
        WITH RECURSIVE touched AS (
            SELECT p.id, p.parent_id FROM dock_asnpack p JOIN dock_asnline l ON l.pack_id = p.id
            WHERE l.id = ANY(%s::bigint[])
            UNION SELECT up.id, up.parent_id FROM dock_asnpack up JOIN touched t ON t.parent_id = up.id
        ), below AS (
            SELECT id AS root, id FROM touched
            UNION SELECT b.root, c.id FROM dock_asnpack c JOIN below b ON c.parent_id = b.id
        ), came AS (
            SELECT b.root, coalesce(sum(l.received_units), 0) > 0 AS is_here
            FROM below b LEFT JOIN dock_asnline l ON l.pack_id = b.id GROUP BY b.root
        )
        UPDATE dock_asnpack p
        SET taken = tstzrange(lower(p.taken), CASE WHEN c.is_here THEN %s::timestamptz + interval '1 year' END)
        FROM came c WHERE p.id = c.root AND upper_inf(p.taken) = c.is_here
        """,
        (line_ids, ctx.now),
    )


def rematch(po_ids: Sequence[int]) -> tuple[int, int]:
    """Match open ASNs that point to these POs again: (lines looked at, lines with another match).

    One statement to read, then two for each ASN: POs end one at a time, and an ASN points to few of them.
    """
    rows = sql.fetch_all(
        """
        SELECT a.id, a.supplier_id, a.site_id, l.line_no, l.item_id, i.sku, l.units, l.case_units,
               coalesce(p.sscc, ''), l.lot_code, l.produced_on, l.expires_on,
               CASE WHEN l.po_number <> '' THEN l.po_number ELSE '' END, l.po_line_no, coalesce(l.po_line_id, 0),
               l.match_reason, l.flags
        FROM dock_asn a JOIN dock_asnline l ON l.asn_id = a.id JOIN catalog_item i ON i.id = l.item_id
        LEFT JOIN dock_asnpack p ON p.id = l.pack_id
        WHERE a.ended_at IS NULL AND a.id IN (
            SELECT x.asn_id FROM dock_asnline x LEFT JOIN purchasing_poline pl ON pl.id = x.po_line_id
            WHERE pl.po_id = ANY(%s::bigint[])
               OR x.po_number IN (SELECT number FROM purchasing_po WHERE id = ANY(%s::bigint[])))
        ORDER BY a.id, l.line_no FOR UPDATE OF l
        """,
        (sorted(po_ids), sorted(po_ids)),
    )
    ended = frozenset(
        row[0]
        for row in sql.fetch_all(
            "SELECT number FROM purchasing_po WHERE id = ANY(%s::bigint[]) AND state IN ('closed', 'cancelled')",
            (sorted(po_ids),),
        )
    )
    heads = {row[0]: (row[1], row[2]) for row in rows}
    changed = 0
    for asn_id, (supplier_id, site_id) in heads.items():
        lines = [ReadLine(*(*row[3:16], tuple(Flag(f) for f in row[16]))) for row in rows if row[0] == asn_id]
        offers = po_offers(
            supplier_id,
            site_id,
            [line.item_id for line in lines],
            [line.po_number for line in lines],
            without_asns=[asn_id],
        )
        again = rules.match_again(lines, offers, ended)
        other = [new for old, new in zip(lines, again, strict=True) if _match(old) != _match(new)]
        changed += len(other)
        _write_matches(asn_id, other)
    return len(rows), changed


def _match(line: ReadLine) -> tuple[int, tuple[Flag, ...]]:
    return line.po_line_id, line.flags


def _write_matches(asn_id: int, lines: Sequence[ReadLine]) -> None:
    if not lines:
        return
    sql.execute(
        """
        UPDATE dock_asnline l SET po_line_id = nullif(n.po_line_id, 0), match_reason = n.reason,
               flags = coalesce(string_to_array(nullif(n.flags, ''), ' '), '{}')
        FROM unnest(%s::int[], %s::bigint[], %s::text[], %s::text[]) AS n(line_no, po_line_id, reason, flags)
        WHERE l.asn_id = %s AND l.line_no = n.line_no
        """,
        (
            [x.line_no for x in lines],
            [x.po_line_id for x in lines],
            [x.match_reason for x in lines],
            [" ".join(x.flags) for x in lines],
            asn_id,
        ),
    )


def _reference_known() -> AsnKnown:
    line = BadLine(0, "reference", "The supplier has sent this reference before.", "Cancel the earlier ASN first.")
    return AsnKnown(line.message, lines=[line], fix=line.fix)


def _sscc_known() -> SsccKnown:
    line = BadLine(0, "packs", "A pack has an SSCC that is on its way already.", "Read the list of ASNs, try again.")
    return SsccKnown(line.message, lines=[line], fix=line.fix)


refuse_on("asn_reference_once_per_supplier", _reference_known)
refuse_on("asn_pack_sscc_one_at_a_time", _sscc_known)
