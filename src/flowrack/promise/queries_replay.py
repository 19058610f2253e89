"""Stored promises worked out again from what the rules were given then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from flowrack.promise import queries_lines, reasons, rules
from flowrack.promise.rules_case import Case

_CASES: TypeAdapter[Case] = TypeAdapter(Case)
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many cases and promises were worked out again, and which now say something else."""

    cases: int
    asks: int
    differing: list[str]


def replay(count: int) -> Replayed:
    """The newest stored cases again. One query for every 200 of them."""
    cases = asks = 0
    differing: list[str] = []
    before = 2**62
    while cases < count:
        rows = queries_lines.cases(min(AT_ONCE, count - cases), before)
        if not rows:
            break
        for key, subject, detail in rows:
            before = key
            cases += 1
            asks += len(detail["case"]["asks"])
            if said_again(detail) != detail["said"]:
                differing.append(subject)
    return Replayed(cases, asks, differing)


def said_again(detail: dict[str, Any]) -> Any:
    """What the rules say to a stored case, in the form in which it was stored."""
    case = _CASES.validate_python(detail["case"])
    if "option" in detail:
        return to_jsonable_python(reasons.digest(rules.answer(case, case.asks[0])))
    return to_jsonable_python([reasons.digest(one) for one in rules.answers(case)])
