"""Label specs are written, approved and ended; labels of places, totes and items are printed."""

from __future__ import annotations

from flowrack.labels import locks, queries, queries_prints, rules_check, states, steps
from flowrack.labels.locks import LockedVersion
from flowrack.labels.states import SpecState
from flowrack.labels.types import (
    SPEC,
    ApproveLabelSpec,
    BadLabelSpec,
    DraftLabelSpec,
    EndLabelSpec,
    Kind,
    LabelSpecDrafted,
    LabelSpecMoved,
    LabelSpecNotFound,
    LabelSpecRival,
    LabelsPrinted,
    PrintLabels,
)
from flowrack.platform import sql
from flowrack.platform.runner import Context, command, refuse_on
from flowrack.shared.errors import BadLine, Invalid, WrongState
from flowrack.shared.refs import ref

MOST_LABELS = 2_000
PRINTED_HERE = (Kind.BIN, Kind.TOTE, Kind.ITEM)

refuse_on(
    "labels_labelspec_code_key",
    lambda: BadLabelSpec("Somebody made a label spec with this code just now.", fix="Open it and change that."),
)


@command(permission="labels.edit", result=LabelSpecDrafted)
def draft_label_spec(ctx: Context, req: DraftLabelSpec) -> LabelSpecDrafted:
    """Write a label spec: a new one, or the next version of one. Nothing is printed by it before approval.

    A draft that there is already is replaced. Refuses with BadLabelSpec, naming every bad element.
    """
    bad = rules_check.check(req)
    customer, carrier = queries.party_ids(req.customer, req.carrier)
    if req.customer and customer is None:
        bad.append(BadLine(0, "customer", f"There is no customer {req.customer}.", "See the list of parties."))
    if req.carrier and carrier is None:
        bad.append(BadLine(0, "carrier", f"There is no carrier {req.carrier}.", "See the list of parties."))
    code = req.code.strip().upper()
    known = locks.spec(code)
    if known and known[1:] != (req.kind, customer, carrier) and not bad:
        said = f"{code} is another spec: its kind, customer or carrier is another."
        bad.append(BadLine(0, "code", said, "Use another code."))
    if bad:
        raise BadLabelSpec(bad[0].message, lines=bad, fix=bad[0].fix)
    spec_id = known[0] if known else None
    if spec_id is None:
        spec_id = int(
            sql.fetch_value(
                """
                INSERT INTO labels_labelspec (code, kind, customer_id, carrier_id) VALUES (%s, %s, %s, %s) RETURNING id
                """,
                (code, req.kind, customer, carrier),
            )
        )
    version_id, number = steps.write_draft(spec_id, req, by=ctx.actor_id, at=ctx.now)
    ctx.subject = ref(SPEC, version_id)
    return LabelSpecDrafted(spec_id, version_id, number, code)


@command(permission="labels.approve", result=LabelSpecMoved)
def approve_label_spec(ctx: Context, req: ApproveLabelSpec) -> LabelSpecMoved:
    """Let a draft be printed, by another person than its author.

    Refuses with WrongState, DutiesConflict, LabelSpecRival, or BadLabelSpec for a draft of days when less was checked.
    """
    locks.rivals(req.version_id)
    version = _version(req.version_id, "approve")
    ctx.require_other_person(version.drafted_by, rule="labels.own_spec", sentence=f"You wrote {version.code} yourself.")
    bad = rules_check.check(queries.draft_of(version.version_id))
    if bad:
        raise BadLabelSpec(bad[0].message, lines=bad, fix=bad[0].fix)
    rivals = queries.rivals(version.version_id, on=ctx.now.date())
    if rivals:
        raise LabelSpecRival(
            f"{rivals[0]} is approved for the same labels of the same party; {version.code} would take over from it.",
            fix=f"Write this as the next version of {rivals[0].rpartition(' ')[0]}, or end that first.",
        )
    sql.execute(
        """
        UPDATE labels_labelspecversion SET state = 'approved', approved_by_id = %s, approved_at = %s WHERE id = %s
        """,
        (ctx.actor_id, ctx.now, version.version_id),
    )
    ctx.subject = ref(SPEC, version.version_id)
    return LabelSpecMoved(version.version_id, version.number, version.code, SpecState.APPROVED)


@command(permission="labels.approve", result=LabelSpecMoved)
def end_label_spec(ctx: Context, req: EndLabelSpec) -> LabelSpecMoved:
    """Print a version no more; the version before that still holds is printed again. Refuses with WrongState."""
    version = _version(req.version_id, "end")
    sql.execute(
        "UPDATE labels_labelspecversion SET state = 'ended', ended_by_id = %s, ended_at = %s WHERE id = %s",
        (ctx.actor_id, ctx.now, version.version_id),
    )
    ctx.subject = ref(SPEC, version.version_id)
    return LabelSpecMoved(version.version_id, version.number, version.code, SpecState.ENDED)


def _version(version_id: int, action: str) -> LockedVersion:
    version = locks.version(version_id)
    if version is None:
        raise LabelSpecNotFound("There is no such label spec.", fix="See the list of label specs.")
    if (SpecState(version.state), action) not in states.TRANSITIONS:
        raise WrongState(
            f"Version {version.number} of {version.code} is {version.state}.", fix="Write the next version of it."
        )
    return version


@command(permission="labels.print", result=LabelsPrinted)
def print_labels(ctx: Context, req: PrintLabels) -> LabelsPrinted:
    """Print labels of places, totes or items by their codes.

    Refuses with Invalid, NoLabelSpec or LabelNotPrintable, naming every label that cannot be printed.
    """
    if req.kind not in PRINTED_HERE:
        raise Invalid(f"Labels of kind “{req.kind}” are not printed here.", fix="Use bin, tote or item.")
    ctx.require("labels.print", req.site_id)
    codes = [code.strip() for code in req.codes if code.strip()]
    if not 1 <= len(codes) <= MOST_LABELS:
        raise Invalid(f"1 to {MOST_LABELS:,} labels are printed at a time.", fix="Split the list.")
    if not 0 <= req.copies <= rules_check.MOST_COPIES:
        raise Invalid(f"1 to {rules_check.MOST_COPIES} copies are printed.", fix="Change the number.")
    found = queries_prints.wanted(req.kind, codes, req.site_id, req.copies)
    bad = [
        BadLine(n, "codes", f"There is no {req.kind} {code[:40]} at this site.", "Look at its spelling.")
        for n, code in enumerate(codes, 1)
        if code not in found
    ]
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)
    return LabelsPrinted(steps.print_labels(ctx, [found[code] for code in codes], on=ctx.now.date()))
