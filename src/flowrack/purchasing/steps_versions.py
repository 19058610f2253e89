"""How an approved PO changes: a version is written, asks, and becomes the PO when nobody asks for more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.approvals import steps as approvals
from flowrack.approvals.types import Change, DocumentKind, Fact, FactKind, Outcome, Submission, register
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.purchasing import locks, steps_requisitions
from flowrack.purchasing import queries_versions as queries
from flowrack.purchasing import rules_versions as rules
from flowrack.purchasing.models import Po
from flowrack.purchasing.queries_budgets import uses_of
from flowrack.purchasing.queries_versions import Standings
from flowrack.purchasing.rules import line_total
from flowrack.purchasing.rules_budgets import BudgetUse, by_family, tightest
from flowrack.purchasing.states import PoState, advance
from flowrack.purchasing.steps_approvals import SHOWN_LINES, budget_changes, subjects
from flowrack.purchasing.types import PO_KIND
from flowrack.purchasing.types_versions import (
    PO_CHANGE_KIND,
    Content,
    LineMoved,
    Origin,
    PosChanged,
    VersionNow,
    VersionState,
)
from flowrack.shared.refs import ref

register(
    DocumentKind(
        PO_CHANGE_KIND,
        "Purchase order change",
        (
            FactKind("price_up_pct", "largest price rise against what a person approved", "percent"),
            FactKind("value_up", "money on top of what a person approved", "money"),
            FactKind("days_later", "days that a line comes later", "days"),
            FactKind("added_lines", "lines added"),
            FactKind("covered_units", "units that are coming already"),
            FactKind("by_supplier", "as the supplier confirmed", "flag"),
            FactKind("budget_left", "left of the tightest budget", "money"),
            FactKind("supplier", "supplier", "text"),
            FactKind("site", "site", "text"),
        ),
        url_name="purchasing_po",
        verb="Approve change",
        view="purchasing.view",
    )
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A new version of a locked PO."""

    po: Po
    standing: Standings
    content: Content
    origin: Origin
    reason: str
    override_reason: str = ""
    covered_units: int = 0  # bought on top although they are coming already

    def body(self) -> dict[str, object]:
        """What approvers allow."""
        return rules.content_of(supplier_id=self.po.supplier_id, site_id=self.po.site_id, content=self.content)


def propose(ctx: Context, proposals: Sequence[Proposal]) -> list[VersionNow]:
    """Write new versions of locked POs and ask for them; what no policy asks about is binding at once.

    A version that waited is replaced. Emits purchasing.pos_changed for what binds. Two dozen statements.
    """
    if not proposals:
        return []
    po_ids = [p.po.pk for p in proposals]
    end_waiting(ctx, po_ids, VersionState.REPLACED, "A newer change was asked for.")
    baselines = queries.baselines(po_ids)
    places = [(p.po.site_id, p.po.ordered_on) for p in proposals]
    families, _ = locks.budgets_with_families(places, [x.item_id for p in proposals for x in p.content.lines])
    used = uses_of(
        [(p.po.site_id, p.po.ordered_on, by_family(_money(p.content), families)) for p in proposals], without=po_ids
    )
    following = queries.next_versions(po_ids)
    numbers = {po_id: number for po_id, (number, _) in following.items()}
    asked = [
        _submission(ctx, p, numbers[p.po.pk], baselines[p.po.pk], uses, following[p.po.pk][1])
        for p, uses in zip(proposals, used, strict=True)
    ]
    outcomes = approvals.submit(ctx, asked)
    ids = _write(ctx, proposals, numbers, outcomes)
    free = [i for i, outcome in enumerate(outcomes) if outcome.is_approved]
    bound = [
        Binding(
            proposals[i].po, proposals[i].standing, ids[i], numbers[po_ids[i]], proposals[i].content,
            proposals[i].override_reason, outcomes[i].content_hash, ctx.actor_id,
        )
        for i in free
    ]  # fmt: skip
    approvers = _approvers([proposals[i].po.pk for i in free])
    bind(ctx, bound, approvers)
    done = {one.version_id for one in bound}
    return [
        VersionNow(
            version_id, p.po.pk, p.po.number, numbers[p.po.pk],
            VersionState.APPROVED if version_id in done else VersionState.WAITING,
        )
        for p, version_id in zip(proposals, ids, strict=True)
    ]  # fmt: skip


def _money(content: Content) -> list[tuple[int, Decimal]]:
    return [(x.item_id, line_total(units=x.units, unit_cost=x.unit_cost)) for x in content.lines]


def end_waiting(ctx: Context, po_ids: Sequence[int], state: VersionState, reason: str) -> int:
    """The versions of locked POs that wait do not ask any more; how many. At most three statements."""
    ids = [one.version_id for one in queries.waiting(po_ids).values()]
    if ids:
        end_versions(ctx, [(version_id, state, ctx.actor_id, reason) for version_id in ids])
        approvals.withdraw(ctx, PO_CHANGE_KIND, subjects(po_ids), reason=reason)
    return len(ids)


def end_versions(ctx: Context, ended: Sequence[tuple[int, VersionState, int, str]]) -> None:
    """Versions that came to nothing: (id, state, by whom, why). What suppliers confirmed and they would have taken over
    waits for the buyer again. One statement."""
    if ended:
        sql.execute(
            """
            WITH ended AS (
                UPDATE purchasing_poversion v
                SET state = n.state, decided_by_id = n.who, decided_at = %s, end_reason = left(n.reason, 400)
                FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[]) AS n(id, state, who, reason)
                WHERE v.id = n.id AND v.state = 'waiting' RETURNING v.id, v.version_no, v.state, v.end_reason
            )
            UPDATE purchasing_confirmationline l
            SET state = 'open', version_id = NULL, decided_by_id = NULL, decided_at = NULL, decision_reason = '',
                reason = left('Version ' || e.version_no || ' was ' || e.state || ': ' || e.end_reason || ' '
                              || l.reason, 400)
            FROM ended e WHERE l.version_id = e.id AND l.state = 'accepted'
            """,
            (
                ctx.now,
                [version_id for version_id, _, _, _ in ended],
                [str(state) for _, state, _, _ in ended],
                [who for _, _, who, _ in ended],
                [reason for _, _, _, reason in ended],
            ),
        )


@dataclass(frozen=True, slots=True)
class Binding:
    """A version that becomes its PO."""

    po: Po
    standing: Standings
    version_id: int
    version_no: int
    content: Content
    override_reason: str
    content_hash: str
    written_by: int


def bind(ctx: Context, bindings: Sequence[Binding], approvers: Mapping[int, tuple[int, bool]]) -> None:
    """Versions become their locked POs, each by its approver (id, whether a person). Half a dozen statements.

    What was received stays. What is cut of lines that order requisitions is open there again: these must be locked, too
    (`locks.requisitions_of`). Emits purchasing.pos_changed.
    """
    if not bindings:
        return
    sql.execute(
        """
        UPDATE purchasing_poversion v SET state = 'approved', decided_by_id = n.who, decided_at = %s
        FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, who) WHERE v.id = n.id
        """,
        (ctx.now, [b.version_id for b in bindings], [approvers[b.po.pk][0] for b in bindings]),
    )
    new_ids = _write_lines([b.version_id for b in bindings])
    steps_requisitions.settle(po_ids=[b.po.pk for b in bindings])
    for b in bindings:
        _write_head(ctx, b, *approvers[b.po.pk])
    Po.objects.bulk_update(
        [b.po for b in bindings],
        ["due_on", "supplier_reference", "note", "override_reason", "version", "content_hash", "state", "changed_by",
         "writer_ids", "approved_by", "approved_at"],
    )  # fmt: skip
    persons = [b for b in bindings if approvers[b.po.pk][1]]
    if persons:
        approvals.void(ctx, PO_KIND, subjects([b.po.pk for b in persons]), reason="A newer version was approved.")
    ctx.emit(PosChanged([b.po.pk for b in bindings], [m for b in bindings for m in _moved(b, new_ids)]))


def _write_lines(version_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """The lines of POs become those of versions; ids of the added ones by (PO, line number). One statement."""
    rows = sql.fetch_all(
        """
        WITH said AS (
            SELECT v.po_id, l.* FROM purchasing_poversion v JOIN purchasing_poversionline l ON l.version_id = v.id
            WHERE v.id = ANY(%s)
        ), changed AS (
            UPDATE purchasing_poline AS l
            SET units = s.units, unit_cost = s.unit_cost, over_units = s.over_units, under_units = s.under_units,
                due_on = s.due_on, expected_on = s.expected_on,
                price_source = CASE WHEN l.unit_cost = s.unit_cost THEN l.price_source ELSE 'typed' END
            FROM said AS s
            WHERE l.po_id = s.po_id AND l.line_no = s.line_no
              AND (l.units, l.unit_cost, l.over_units, l.under_units, l.due_on, l.expected_on) IS DISTINCT FROM
                  (s.units, s.unit_cost, s.over_units, s.under_units, s.due_on, s.expected_on)
        )
        INSERT INTO purchasing_poline
               (po_id, line_no, item_id, units, unit_cost, over_units, under_units, due_on, expected_on, short_reason)
        SELECT s.po_id, s.line_no, s.item_id, s.units, s.unit_cost, s.over_units, s.under_units, s.due_on,
               s.expected_on, ''
        FROM said AS s
        WHERE NOT EXISTS (SELECT FROM purchasing_poline l WHERE l.po_id = s.po_id AND l.line_no = s.line_no)
        ORDER BY s.po_id, s.line_no
        RETURNING po_id, line_no, id
        """,
        (list(version_ids),),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _write_head(ctx: Context, b: Binding, approver_id: int, is_person: bool) -> None:
    """The head of the PO: it names the last person who approved, the last writer who is another one, and among all
    its writers who wrote this, also where that person approved an earlier version."""
    po, came = b.po, b.standing.came
    po.due_on, po.supplier_reference, po.note = b.content.due_on, b.content.supplier_reference, b.content.note
    po.override_reason = b.override_reason or po.override_reason
    po.version += 1
    po.content_hash = b.content_hash
    if is_person:
        po.approved_by_id, po.approved_at = approver_id, ctx.now
    po.writer_ids = sorted({*po.writer_ids, b.written_by})
    if b.written_by != po.approved_by_id:
        po.changed_by_id = b.written_by
    if all(came.get(x.line_no, 0) + x.under_units >= x.units for x in b.content.lines):
        po.state = advance(PoState(po.state), "complete", number=po.number)


def _moved(b: Binding, new_ids: Mapping[tuple[int, int], int]) -> list[LineMoved]:
    """The lines of which units or dates are different now."""
    before = {x.line_no: x for x in b.standing.content.lines}
    found = []
    for x in b.content.lines:
        was = before.get(x.line_no)
        came = b.standing.came.get(x.line_no, 0)
        owed_before = max(was.units - came, 0) if was else 0
        owed = max(x.units - came, 0)
        if (owed_before, was.expected_on if was else None) != (owed, x.expected_on):
            line_id = b.standing.line_ids.get(x.line_no) or new_ids[b.po.pk, x.line_no]
            found.append(
                LineMoved(line_id, b.po.pk, x.item_id, b.po.site_id, owed_before, owed,
                          was.expected_on if was else None, x.expected_on)
            )  # fmt: skip
    return found


def _approvers(po_ids: Sequence[int]) -> dict[int, tuple[int, bool]]:
    """Who approved changes that bind at once: whoever did it before, else Flowrack itself."""
    system = sql.fetch_value("SELECT id FROM platform_user WHERE username = 'system'")
    found = queries.changes_asked(po_ids)
    return {po_id: (found[po_id].last_by_id or system, bool(found[po_id].last_by_id)) for po_id in po_ids}


def _submission(
    ctx: Context, p: Proposal, version_no: int, before: Content, used: Sequence[BudgetUse], writers: frozenset[int]
) -> Submission:
    by_supplier = p.origin == Origin.CONFIRMATION
    facts: dict[str, Fact] = {
        **rules.change_facts(before, p.content),
        "covered_units": p.covered_units,
        "by_supplier": by_supplier,
        "budget_left": tight.after if (tight := tightest(used)) else None,
        "supplier": p.standing.supplier_code,
        "site": p.standing.site_code,
    }
    found = rules.differences(p.standing.content, p.content)
    shown = [Change(d.label, d.field, d.before, d.after, d.is_exception) for d in found[:SHOWN_LINES]]
    if len(found) > SHOWN_LINES:
        shown.append(Change(f"{len(found) - SHOWN_LINES} more", "Differences", "", "see the versions"))
    return Submission(
        kind=PO_CHANGE_KIND,
        subject=ref("purchasing.po", p.po.pk),
        site_id=p.po.site_id,
        amount=rules.total(p.content),
        content=p.body(),
        summary=f"{p.po.number} {p.standing.supplier}, version {version_no}",
        requester_id=ctx.actor_id,
        writer_ids=tuple(sorted(writers)),
        facts=facts,
        changes=(*shown, *budget_changes(used)),
        sentence=rules.told(p.po.number, version_no, found, by_supplier=by_supplier),
        reason=p.reason,
        partner=ref("parties.party", p.po.supplier_id),
        partner_name=p.standing.supplier,
    )


def _write(
    ctx: Context, proposals: Sequence[Proposal], numbers: Mapping[int, int], outcomes: Sequence[Outcome]
) -> list[int]:
    """Write versions as waiting, with their lines; the ids. Two statements."""
    rows = sql.fetch_all(
        """
        INSERT INTO purchasing_poversion
               (po_id, version_no, origin, state, due_on, supplier_reference, note, override_reason, reason,
                content_hash, written_by_id, written_at, end_reason)
        SELECT n.po_id, n.version_no, n.origin, 'waiting', n.due_on, n.reference, n.note, left(n.override, 200),
               left(n.reason, 200), n.hash, %s, %s, ''
        FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::date[], %s::text[], %s::text[], %s::text[], %s::text[],
                    %s::text[])
             WITH ORDINALITY AS n(po_id, version_no, origin, due_on, reference, note, override, reason, hash, place)
        ORDER BY n.place
        RETURNING id
        """,
        (
            ctx.actor_id,
            ctx.now,
            [p.po.pk for p in proposals],
            [numbers[p.po.pk] for p in proposals],
            [str(p.origin) for p in proposals],
            [p.content.due_on for p in proposals],
            [p.content.supplier_reference for p in proposals],
            [p.content.note for p in proposals],
            [p.override_reason.strip() for p in proposals],
            [p.reason.strip() for p in proposals],
            [o.content_hash for o in outcomes],
        ),
    )
    ids = [row[0] for row in rows]
    flat = [(version_id, x) for version_id, p in zip(ids, proposals, strict=True) for x in p.content.lines]
    sql.execute(
        """
        INSERT INTO purchasing_poversionline
               (version_id, line_no, item_id, units, unit_cost, over_units, under_units, due_on, expected_on)
        SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::numeric[], %s::bigint[],
                             %s::bigint[], %s::date[], %s::date[])
        """,
        (
            [version_id for version_id, _ in flat],
            [x.line_no for _, x in flat],
            [x.item_id for _, x in flat],
            [x.units for _, x in flat],
            [x.unit_cost for _, x in flat],
            [x.over_units for _, x in flat],
            [x.under_units for _, x in flat],
            [x.due_on for _, x in flat],
            [x.expected_on for _, x in flat],
        ),
    )
    return ids
