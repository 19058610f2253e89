"""Writes of proofs, papers and notices."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.shared.x12 import Interchange
from flowrack.shipping import locks_proofs
from flowrack.shipping.types_proofs import NoticeMade, ProveDelivery, Retention, SetNoticeTerms


def claim_chain(site_id: int) -> tuple[int, str]:
    """(number, hash) of a site's newest proof, locked; the chain begins with nothing. Two statements."""
    sql.execute(
        "INSERT INTO shipping_proofchain (site_id, last_no, last_sha256) VALUES (%s, 0, '') ON CONFLICT DO NOTHING",
        (site_id,),
    )
    return locks_proofs.chain(site_id)


def write_proof(
    ctx: Context,
    req: ProveDelivery,
    *,
    number: str,
    site_id: int,
    lines: Sequence[tuple[int, int, str]],
    kept: tuple[Retention, date],
    link: tuple[int, str, str],
) -> int:
    """Write a proof with its photos and lines, and move the head of the chain on. `link` = (no, previous, hash)."""
    proof_id: int = sql.fetch_value(
        """
        WITH proof AS (
            INSERT INTO shipping_proof (number, site_id, shipment_id, outcome, received_by, signature, happened_at,
                place, latitude_e7, longitude_e7, note, recorded_at, recorded_by_id, retention, keep_until, chain_no,
                previous_sha256, sha256)
            VALUES (%(number)s, %(site)s, %(shipment)s, %(outcome)s, %(by)s, %(signature)s, %(at)s, %(place)s,
                %(latitude)s, %(longitude)s, %(note)s, %(now)s, %(actor)s, %(retention)s, %(until)s, %(no)s,
                %(previous)s, %(hash)s)
            RETURNING id
        ), photos AS (
            INSERT INTO shipping_proofphoto (proof_id, digest)
            SELECT proof.id, p.digest FROM proof, unnest(%(photos)s::text[]) AS p(digest)
        ), lines AS (
            INSERT INTO shipping_proofline (proof_id, shipment_line_id, units, reason)
            SELECT proof.id, l.id, l.units, l.reason
            FROM proof, unnest(%(lines)s::bigint[], %(units)s::bigint[], %(reasons)s::text[]) AS l(id, units, reason)
        ), head AS (
            UPDATE shipping_proofchain SET last_no = %(no)s, last_sha256 = %(hash)s WHERE site_id = %(site)s
        )
        SELECT id FROM proof
        """,
        {
            "number": number,
            "site": site_id,
            "shipment": req.shipment_id,
            "outcome": req.outcome,
            "by": req.received_by.strip(),
            "signature": req.signature,
            "at": req.happened_at,
            "place": req.place.strip(),
            "latitude": req.latitude_e7,
            "longitude": req.longitude_e7,
            "note": req.note.strip(),
            "now": ctx.now,
            "actor": ctx.actor_id,
            "retention": kept[0],
            "until": kept[1],
            "no": link[0],
            "previous": link[1],
            "hash": link[2],
            "photos": sorted(set(req.photos)),
            "lines": [line[0] for line in lines],
            "units": [line[1] for line in lines],
            "reasons": [line[2] for line in lines],
        },
    )
    return proof_id


def deliver(shipment_id: int, state: str, at: datetime) -> None:
    """The shipment was handed over, or refused. One statement."""
    sql.execute("UPDATE shipping_shipment SET state = %s, delivered_at = %s WHERE id = %s", (state, at, shipment_id))


def keep_paper(
    ctx: Context,
    content: bytes,
    *,
    site_id: int,
    kind: str,
    load_id: int = 0,
    carrier: str = "",
    day: date | None = None,
) -> tuple[int, str]:
    """Keep a paper as it was printed: (id, hash). One statement."""
    digest = hashlib.sha256(content).hexdigest()
    paper_id: int = sql.fetch_value(
        """
        INSERT INTO shipping_paper (site_id, kind, load_id, carrier, day, printed_at, printed_by_id, sha256, content)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        (site_id, kind, load_id or None, carrier, day, ctx.now, ctx.actor_id, digest, content),
    )
    return paper_id, digest


def make_notices(ctx: Context, site_id: int, shipments: Sequence[tuple[int, str]]) -> None:
    """Write a notice for each shipment whose customer asked for it; emits shipping.notice_made. One statement."""
    rows = sql.fetch_all(
        """
        INSERT INTO shipping_departurenotice (shipment_id, customer_id, made_at, due_at, answer)
        SELECT DISTINCT ON (x.shipment_id) x.shipment_id, t.customer_id, %(now)s::timestamptz,
               %(now)s::timestamptz + t.hours * interval '1 hour', 'waiting'
        FROM shipping_shipmentorder x JOIN sales_order o ON o.id = x.order_id
        JOIN shipping_noticeterms t ON t.customer_id = o.customer_id
        WHERE x.shipment_id = ANY(%(ids)s::bigint[]) ORDER BY x.shipment_id, o.id
        RETURNING shipment_id, customer_id, due_at
        """,
        {"now": ctx.now, "ids": [shipment_id for shipment_id, _ in shipments]},
    )
    number_of = dict(shipments)
    for shipment_id, customer_id, due_at in rows:
        ctx.emit(NoticeMade(shipment_id, number_of[shipment_id], site_id, customer_id, due_at))


def write_notice_terms(req: SetNoticeTerms) -> None:
    """A customer gets notices, or none any more. One statement."""
    if req.hours:
        sql.execute(
            """
            INSERT INTO shipping_noticeterms (customer_id, hours, edi_sender, edi_receiver, edi_qualifier, is_edi_test,
                                              edi_folder)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (customer_id) DO UPDATE SET hours = excluded.hours, edi_sender = excluded.edi_sender,
                edi_receiver = excluded.edi_receiver, edi_qualifier = excluded.edi_qualifier,
                is_edi_test = excluded.is_edi_test, edi_folder = excluded.edi_folder
            """,
            (
                req.customer_id,
                req.hours,
                req.edi_sender,
                req.edi_receiver,
                req.edi_qualifier,
                req.is_edi_test,
                req.edi_folder,
            ),
        )
    else:
        sql.execute("DELETE FROM shipping_noticeterms WHERE customer_id = %s", (req.customer_id,))


def write_message(notice_id: int, message: Interchange, content: str, sha256: str, *, at: datetime) -> None:
    """Keep the EDI 856 of a notice with the ids of its envelope. One statement."""
    sql.execute(
        """
        INSERT INTO shipping_noticemessage (notice_id, control, sender, sender_qualifier, receiver, receiver_qualifier,
                                            made_at, sha256, content)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            notice_id,
            message.control,
            message.sender.id,
            message.sender.qualifier,
            message.receiver.id,
            message.receiver.qualifier,
            at,
            sha256,
            content,
        ),
    )


def answer_notice(ctx: Context, notice_id: int, answer: str, reference: str, note: str) -> None:
    """What the customer's system said. One statement."""
    answer_notices(ctx, {notice_id: (answer, note)}, reference)


def answer_notices(ctx: Context, said: Mapping[int, tuple[str, str]], reference: str) -> None:
    """What the customer's system said of notices, in one message: answer and note by notice. One statement."""
    sql.execute(
        """
        UPDATE shipping_departurenotice n SET answer = s.answer, answered_at = %s, reference = %s, note = s.note
        FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS s(id, answer, note) WHERE n.id = s.id
        """,
        (ctx.now, reference, list(said), [str(one[0]) for one in said.values()], [one[1] for one in said.values()]),
    )
