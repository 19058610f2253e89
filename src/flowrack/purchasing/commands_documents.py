"""The door for what went to suppliers. Flowrack records a sending; it sends nothing."""

from __future__ import annotations

from flowrack.platform import sql
from flowrack.platform.runner import Context, command
from flowrack.purchasing import locks
from flowrack.purchasing.types_confirmations import BadSending, Means, RecordSent, SentRecorded
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref


@command(permission="purchasing.create", result=SentRecorded)
def record_sent(ctx: Context, req: RecordSent) -> SentRecorded:
    """Record that versions of POs went to their suppliers: how and to whom. From then on the supplier owes an answer.

    Refuses with BadSending naming every bad line.
    """
    pos = {po.pk: po for po in locks.pos(sorted({one.po_id for one in req.sent}))}
    for po in pos.values():
        ctx.require("purchasing.create", po.site_id)
    known = {
        (row[0], row[1]): row[2]
        for row in sql.fetch_all(
            "SELECT po_id, version_no, id FROM purchasing_poversion WHERE po_id = ANY(%s) AND state = 'approved'",
            (list(pos),),
        )
    }
    bad = []
    for number, one in enumerate(req.sent, start=1):
        if (one.po_id, one.version_no) not in known:
            said = f"{pos[one.po_id].number} has no approved version {one.version_no}."
            bad.append(BadLine(number, "version_no", said, "Send the version that counts now."))
        if one.means not in list(Means):
            bad.append(BadLine(number, "means", f"“{one.means}” is no way of sending.", f"Use: {', '.join(Means)}."))
    if bad or not req.sent:
        raise BadSending(bad[0].message if bad else "Nothing was sent.", lines=bad)
    rows = sql.fetch_all(
        """
        INSERT INTO purchasing_posent (version_id, means, sent_to, sent_by_id, sent_at)
        SELECT n.version_id, n.means, left(n.sent_to, 200), %s, %s
        FROM unnest(%s::bigint[], %s::text[], %s::text[]) WITH ORDINALITY AS n(version_id, means, sent_to, place)
        ORDER BY n.place RETURNING id
        """,
        (
            ctx.actor_id,
            ctx.now,
            [known[one.po_id, one.version_no] for one in req.sent],
            [one.means for one in req.sent],
            [one.sent_to.strip() for one in req.sent],
        ),
    )
    if len(pos) == 1:
        ctx.subject = ref("purchasing.po", req.sent[0].po_id)
    return SentRecorded([row[0] for row in rows])
