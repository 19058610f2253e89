"""Writes of the rule sets, and how a draft asks for approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flowrack.allocation import queries_rules
from flowrack.allocation.queries_rules import RuleSetRow, digest_of, overtaken, written_of
from flowrack.allocation.rules_check import faults_of
from flowrack.allocation.rules_compare import changes_of
from flowrack.allocation.states_rules import TRANSITIONS, RuleSetState
from flowrack.allocation.types_rules import (
    FACTORS,
    FILTERS,
    KEEP,
    RULE_SET,
    BadRuleSet,
    ClassRule,
    InForce,
    Quota,
    RuleSet,
    RuleSetNotDraft,
    SitePreference,
    SiteRule,
    WriteRuleSet,
)
from flowrack.approvals import rules as approval_rules
from flowrack.approvals import steps as approvals
from flowrack.approvals.types import Change, DocumentKind, FactKind, Outcome, Submission, register
from flowrack.platform import sql
from flowrack.platform.decisions import DecisionRow, record
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import BadLine, Busy
from flowrack.shared.refs import ref

ACTIVATION = "allocation.activation"
LIMITS = ("wanted_from", "wanted_to", "margin_from", "margin_to", "age_from", "horizon_days", "life_days")

register(
    DocumentKind(
        RULE_SET,
        "Allocation rules",
        (
            FactKind("lines_gain", "lines that would get more"),
            FactKind("lines_lose", "lines that would get less"),
            FactKind("units_moved", "units that would go to others"),
            FactKind("site", "site", "text"),
        ),
        url_name="allocation_rules_one",
        verb="Activate",
        has_amount=False,
        view="allocation.view",
        undone=overtaken,
        undone_rule=ACTIVATION,
    )
)
for _name in ("allocation_rules_version_once", "allocation_rules_one_active"):
    refuse_on(
        _name,
        lambda: Busy("Somebody else changed the allocation rules just now.", fix="Look at the versions again."),
    )


def check(rules: RuleSet, site_id: int) -> None:
    """Refuse with BadRuleSet what makes no sense, all of it at once. From which site goods ship is a matter of several
    sites, so rules of one site say nothing of it."""
    bad = faults_of(rules)
    if site_id and rules.sites != SiteRule():
        said = "From which site orders ship is decided for the company, not by rules of one site."
        bad.append(BadLine(0, "site_order", said, "Write it into rules for every site; leave it as shipped here."))
    if bad:
        raise BadRuleSet(bad[0].message, lines=bad, fix=bad[0].fix)


def advance(row: RuleSetRow, action: str) -> RuleSetState:
    """The next state; refuses with RuleSetNotDraft."""
    found = TRANSITIONS.get((RuleSetState(row.state), action))
    if found is None:
        raise RuleSetNotDraft(f"Version {row.version} is {row.state}.", fix="Write a new version.")
    return found


def write(ctx: Context, req: WriteRuleSet, version: int) -> int:
    """Write a draft, new or changed; its id. Five statements at most."""
    rules, supply = req.rules, req.rules.supply
    columns: dict[str, Any] = {
        "state": "draft",
        "name": req.name.strip()[:80],
        "note": req.note.strip()[:200],
        "digest": digest_of(rules),
        "fairness_percent": rules.fairness_percent,
        "horizon_days": rules.horizon_days,
        "date_days": rules.date_days,
        "promises": rules.promises,
        "full_runs": rules.full_runs,
        "solver_seconds": rules.solver_seconds,
        "supply_order": supply.order,
        "full_packs": supply.full_packs,
        "one_lot": supply.one_lot,
        "pick_face_only": supply.pick_face_only,
        "min_life_days": supply.min_life_days,
        "site_order": rules.sites.order,
        "split_cost": rules.sites.split_cost,
        "late_days": rules.sites.late_days,
        "late_percent": rules.sites.late_percent,
        "written_by_id": ctx.actor_id,
        "written_at": ctx.now,
    }
    if req.rule_set_id:
        named = ", ".join(f"{name} = %s" for name in columns)
        sql.execute(
            f"UPDATE allocation_rulesetversion SET {named} WHERE id = %s",  # noqa: S608 - names of fields
            (*columns.values(), req.rule_set_id),
        )
        for table in ("allocation_ruleclass", "allocation_rulequota", "allocation_rulesites"):
            sql.execute(f"DELETE FROM {table} WHERE rule_set_id = %s", (req.rule_set_id,))  # noqa: S608
        rule_set_id = req.rule_set_id
    else:
        columns = {"site_id": req.site_id or None, "version": version, **columns}
        rule_set_id = int(
            sql.fetch_value(
                f"INSERT INTO allocation_rulesetversion ({', '.join(columns)}) "  # noqa: S608 - names of fields
                f"VALUES ({', '.join(['%s'] * len(columns))}) RETURNING id",
                tuple(columns.values()),
            )
        )
    _write_classes(rule_set_id, rules.classes)
    _write_quotas(rule_set_id, rules.quotas)
    _write_preferences(rule_set_id, rules.sites.preferences)
    return rule_set_id


def _write_classes(rule_set_id: int, classes: Sequence[ClassRule]) -> None:
    weights = ", ".join(f"weight_{name}" for name in FACTORS)
    numbers = len(LIMITS) + len(FACTORS)
    sql.execute(
        f"""
        INSERT INTO allocation_ruleclass
               (rule_set_id, place, name, semantics, tiers, customer_ids, family_ids, channels, order_types,
                contracts, wanted_from, wanted_to, margin_from, margin_to, age_from, horizon_days,
                life_days, {weights})
        SELECT %s, n.place, n.name, n.semantics, string_to_array(n.tiers, ' '),
               string_to_array(n.customers, ' ')::bigint[], string_to_array(n.families, ' ')::bigint[],
               string_to_array(n.channels, ' '), string_to_array(n.order_types, ' '),
               string_to_array(n.contracts, ' '), n.wanted_from, n.wanted_to, n.margin_from,
               n.margin_to, n.age_from, n.horizon_days, n.life_days, {weights}
        FROM unnest({", ".join(["%s::text[]"] * (2 + len(FILTERS)))}, {", ".join(["%s::int[]"] * numbers)})
             WITH ORDINALITY AS n(name, semantics, {", ".join(FILTERS)}, wanted_from, wanted_to, margin_from,
                                  margin_to, age_from, horizon_days, life_days, {weights}, place)
        """,  # noqa: S608 - names of fields
        (
            rule_set_id,
            [c.name.strip() for c in classes],
            [c.semantics for c in classes],
            *_filters(classes),
            *([getattr(c, name) for c in classes] for name in LIMITS),
            *([getattr(c.weights, name) for c in classes] for name in FACTORS),
        ),
    )


def _write_quotas(rule_set_id: int, quotas: Sequence[Quota]) -> None:
    if not quotas:
        return
    sql.execute(
        """
        INSERT INTO allocation_rulequota
               (rule_set_id, place, name, kind, percent, tiers, customer_ids, family_ids, channels, order_types,
                contracts, starts_on, ends_on)
        SELECT %s, n.place, n.name, n.kind, n.percent, string_to_array(n.tiers, ' '),
               string_to_array(n.customers, ' ')::bigint[], string_to_array(n.families, ' ')::bigint[],
               string_to_array(n.channels, ' '), string_to_array(n.order_types, ' '),
               string_to_array(n.contracts, ' '), n.starts_on, n.ends_on
        FROM unnest(%s::text[], %s::text[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                    %s::text[], %s::date[], %s::date[])
             WITH ORDINALITY AS n(name, kind, percent, tiers, customers, families, channels, order_types, contracts,
                                  starts_on, ends_on, place)
        """,
        (
            rule_set_id,
            [q.name.strip() for q in quotas],
            [q.kind for q in quotas],
            [q.percent for q in quotas],
            *_filters(quotas),
            [q.starts_on for q in quotas],
            [q.ends_on for q in quotas],
        ),
    )


def _write_preferences(rule_set_id: int, preferences: Sequence[SitePreference]) -> None:
    if not preferences:
        return
    sql.execute(
        """
        INSERT INTO allocation_rulesites (rule_set_id, place, name, site_ids, customer_ids, regions, is_only)
        SELECT %s, n.place, n.name, string_to_array(n.sites, ' ')::bigint[],
               string_to_array(n.customers, ' ')::bigint[], string_to_array(n.regions, chr(10)), n.is_only
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[])
             WITH ORDINALITY AS n(name, sites, customers, regions, is_only, place)
        """,
        (
            rule_set_id,
            [one.name.strip() for one in preferences],
            [" ".join(map(str, one.sites)) for one in preferences],
            [" ".join(map(str, one.customers)) for one in preferences],
            ["\n".join(one.regions) for one in preferences],
            [one.is_only for one in preferences],
        ),
    )


def _filters(rows: Sequence[ClassRule] | Sequence[Quota]) -> list[list[str]]:
    """Each filter of each, as words: no code has a blank."""
    return [[" ".join(map(str, getattr(row, name))) for row in rows] for name in FILTERS]


def set_state(ctx: Context, rule_set_id: int, state: RuleSetState, *, reason: str = "") -> None:
    """Bring a version into a state. One statement."""
    sql.execute(
        """
        UPDATE allocation_rulesetversion
        SET state = %(state)s::text, ended_reason = %(reason)s,
            activated_at = CASE WHEN %(state)s::text = 'active' THEN %(now)s::timestamptz ELSE activated_at END,
            ended_at = CASE WHEN %(state)s::text IN ('ended', 'dropped') THEN %(now)s::timestamptz ELSE ended_at END
        WHERE id = %(id)s
        """,
        {"state": str(state), "reason": reason[:200], "now": ctx.now, "id": rule_set_id},
    )


def mark_asked(rule_set_id: int, instead_of: int) -> None:
    """Note that a draft asks to decide in the place of another version. One statement."""
    sql.execute(
        "UPDATE allocation_rulesetversion SET state = 'asked', instead_of = %s WHERE id = %s", (instead_of, rule_set_id)
    )


def content_of(row: RuleSetRow) -> dict[str, Any]:
    """What is approved: these rules, at this site, in the place of that version.

    That promises are kept is not written down: what was asked for before one could say so stays the same.
    """
    rules = written_of(row.rules)
    if row.rules.promises == KEEP:
        del rules["promises"]
    return {
        "rule_set_id": row.id,
        "site_id": row.site_id,
        "version": row.version,
        "instead_of": row.instead_of or 0,
        "rules": rules,
    }


def content_hash(row: RuleSetRow) -> str:
    """The fingerprint of what is approved."""
    return approval_rules.content_hash(content_of(row))


@dataclass(frozen=True, slots=True)
class Tried:
    """What trials of a version came to: facts for policies, sentences, before and after; and why it was not tried."""

    facts: dict[str, int]
    sentence: str
    changes: Sequence[Change]
    untried: str


def submit(ctx: Context, row: RuleSetRow, before: InForce, tried: Tried, reason: str) -> Outcome:
    """Ask for a locked version that is marked as asked. Two dozen statements."""
    [outcome] = approvals.submit(
        ctx,
        [
            Submission(
                kind=RULE_SET,
                subject=ref(RULE_SET, row.id),
                site_id=row.site_id,
                amount=Decimal(0),
                content=content_of(row),
                summary=f"Allocation rules v{row.version} of {row.site}: {row.name}",
                requester_id=ctx.actor_id,
                writer_ids=(row.written_by_id,),
                facts={**tried.facts, "site": row.site},
                changes=(
                    *(Change("The rules", *one) for one in changes_of(before.rules, row.rules, queries_rules.codes())),
                    *tried.changes,
                ),
                sentence=tried.sentence,
                reason=reason[:400],
            )
        ],
    )
    return outcome


def void(ctx: Context, rule_set_id: int, reason: str) -> None:
    """What was asked for a version counts no more. Two statements."""
    approvals.void(ctx, RULE_SET, [ref(RULE_SET, rule_set_id)], reason=reason)


def tell_overtaken(ctx: Context, row: RuleSetRow, before: InForce) -> None:
    """Say why an approved version is a draft again. One statement."""
    sentence = (
        f"Version {row.version} is a draft again: version {before.version} came into force meanwhile. Try it against"
        " that one."
        if before.rule_set_id != row.instead_of
        else f"Version {row.version} is a draft again: it is not what was approved."
    )
    record(ctx, [DecisionRow("approval", ref(RULE_SET, row.id), sentence, ACTIVATION)])
