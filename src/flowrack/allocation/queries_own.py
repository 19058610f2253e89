"""The rules that a site, or the company, has itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowrack.allocation.queries_rules import BODY, RULES
from flowrack.allocation.types_rules import InForce
from flowrack.platform import sql
from flowrack.platform.sql import Asked


def own_in_force(site_id: int) -> InForce | None:
    """The active version of a site itself (0 = of the company). One query."""
    return own_of(sql.fetch_all(*ask_own(site_id)))


def ask_own(site_id: int) -> Asked:
    """The question of `own_in_force`, to be asked together with others."""
    return (
        f"""
        SELECT v.id, v.version, {BODY} FROM allocation_rulesetversion v
        WHERE v.state = 'active' AND v.site_id IS NOT DISTINCT FROM nullif(%s, 0)
        """,  # noqa: S608 - our own text
        (site_id,),
    )


def own_of(rows: Sequence[Any]) -> InForce | None:
    """The answer to `ask_own`."""
    return InForce(rows[0][0], rows[0][1], RULES.validate_json(rows[0][2])) if rows else None
