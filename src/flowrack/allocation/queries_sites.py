"""Choices of a site as they are stored, made again from what they hold alone; the newest of a line in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from flowrack.allocation.queries_own import ask_own, own_of
from flowrack.allocation.queries_rules import SHIPPED_RULES
from flowrack.allocation.rules_sites import Choice, SitesCase, choose
from flowrack.allocation.types_rules import InForce
from flowrack.platform import sql
from flowrack.platform.sql import Asked

CASES: TypeAdapter[SitesCase] = TypeAdapter(SitesCase)
KIND = "sourcing"
SITE_OF = "promise.site"  # of a line: from where it ships
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class SitesReplayed:
    """How many choices were made again, and of which orders the result is another one."""

    choices: int
    others: list[str]


def company_rules() -> InForce:
    """The rules by which the company chooses sites. One query."""
    return company_rules_of(sql.fetch_all(*ask_company_rules()))


def ask_company_rules() -> Asked:
    """The question of `company_rules`, to be asked together with others."""
    return ask_own(0)


def company_rules_of(rows: Sequence[Any]) -> InForce:
    """The answer to `ask_company_rules`."""
    return own_of(rows) or SHIPPED_RULES


def digest(choice: Choice) -> list[Any]:
    """What a choice comes to, in the form in which it is stored."""
    plans = (choice.plan, *choice.others)
    return [[plan.cost, plan.money, [[p.line, p.site_id, p.units] for p in plan.portions]] for plan in plans]


def replay(count: int) -> SitesReplayed:
    """The newest choices again. One query for every 200 of them."""
    done, others, before = 0, [], 2**62
    while done < count:
        rows = sql.fetch_all(
            """
            SELECT id, subject, detail::json FROM platform_decision
            WHERE kind = %s AND id < %s AND detail ? 'plan' ORDER BY id DESC LIMIT %s
            """,
            (KIND, before, min(AT_ONCE, count - done)),
        )
        if not rows:
            break
        for key, subject, detail in rows:
            before, done = key, done + 1
            choice = choose(CASES.validate_python(detail["case"]))
            if choice is None or digest(choice) != detail["plan"]:
                others.append(subject)
    return SitesReplayed(done, others)


def sentences_of(line_ids: Sequence[int]) -> dict[int, str]:
    """From where lines ship and why, of those about which somebody, or the rules, decided. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.id, d.sentence FROM unnest(%s::bigint[]) AS w(id)
        CROSS JOIN LATERAL (SELECT sentence FROM platform_decision
                            WHERE subject = 'promise.site:' || w.id ORDER BY id DESC LIMIT 1) AS d
        """,
        (list(line_ids),),
    )
    return dict(rows)
