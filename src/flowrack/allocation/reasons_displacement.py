"""The words and the record of an urgent order: who gave way and who did not, kept so that it can be judged again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flowrack.allocation.reasons import kept_for
from flowrack.allocation.rules import Pool
from flowrack.allocation.rules_displacement import Ask, ClaimLine, Give, Plan, Promised, Scene, plan
from flowrack.allocation.rules_foresight import Coming
from flowrack.allocation.rules_judged_anew import judged_anew

SPARED = {
    "picked": "picked goods never move",
    "picking": "a picker has them",
    "class": "a better class or tier",
    "urgent": "urgent itself",
    "lot": "another lot than the customer asks for",
    "life": "too little life for this customer",
    "had": "a lot that this customer had before",
    "not needed": "not needed",
    "not allowed": "nobody allowed it",
}


def day(on: date | None) -> str:
    """A day as people say it: 8 Jan."""
    return "nobody knows when" if on is None else f"{on.day} {on:%b}"


def units_of(gives: list[Give]) -> dict[int, int]:
    """Units by the line that gives them."""
    found: dict[int, int] = {}
    for give in gives:
        found[give.line_id] = found.get(give.line_id, 0) + give.units
    return found


def gained(made: Plan, scene: Scene, *, by: str = "", pending: str = "") -> str:
    """What the urgent line got, from whom, and what is left: the sentence of its "Why?".

    `by` names who allowed what had to be allowed; `pending` the approval that it waits for.
    """
    lines = {line.line_id: line for line in scene.lines}
    parts = []
    free = sum(units for _, units in made.free)
    if free:
        parts.append(f"{free} were free")
    for line_id, units in units_of(made.at_once).items():
        line = lines[line_id]
        parts.append(f"{units} from {line.number} (tier {line.tier}, still in time for {day(line.promised_on)})")
    for line_id, units in units_of(made.to_allow).items():
        line = lines[line_id]
        consent = f"allowed by {by}" if by else f"waits for consent, {pending}" if pending else "needs consent"
        parts.append(f"{units} from {line.number} (tier {line.tier}, {_slip(made, line_id)}; {consent})")
    if made.kept:
        parts.append(kept_for(made.kept, made.keeper))
    for slip in made.quotes:
        what = "nothing covers it" if slip.leaves_on is None else f"leaves on {day(slip.leaves_on)}"
        parts.append(f"quote {lines[slip.line_id].number} for {day(slip.promised_on)} would be late: {what}")
    if made.missing:
        parts.append(f"{made.missing} wait for stock")
    return f"Urgent, {made.ask.units} missing: {', '.join(parts)}."


def _slip(made: Plan, line_id: int) -> str:
    found = next((slip for slip in made.slips if slip.line_id == line_id), None)
    if found is None:
        return "others wait longer"
    if found.days is None:
        return "no cover in sight"
    return f"{found.days} day{'' if found.days == 1 else 's'} late"


def given(made: Plan, scene: Scene, line_id: int, units: int, *, by: str = "") -> str:
    """What a line gave and what that means for it: the sentence of its "Why?"."""
    line = next(line for line in scene.lines if line.line_id == line_id)
    head = f"{units} given to {made.ask.number}, which is urgent{f', allowed by {by}' if by else ''}"
    leaves = made.leaves.get(line_id)
    if leaves is None:
        return f"{head}: nothing that is on order covers them yet."
    if leaves <= line.promised_on:
        return f"{head}: they leave by {day(leaves)}, the promise of {day(line.promised_on)} holds."
    return f"{head}: they leave on {day(leaves)} instead of {day(line.promised_on)}."


def taken(by_order: Sequence[tuple[str, int]]) -> str:
    """Who took units of a line: what its ladder says before all else; empty where nobody did."""
    said = [f"{units:,} went to {number}" for number, units in by_order]
    which = "which is urgent" if len(said) == 1 else "which are urgent"
    return f"{' and '.join(said)}, {which}. " if said else ""


def letter(*, number: str, reference: str, sku: str, name: str, units: int, was: date, now: date | None) -> str:
    """The draft for a customer whose promise moved: both days are those of arrival. It names no other customer."""
    order = f"your order {reference} (our {number})" if reference else f"your order {number}"
    if now is None:
        when = "We do not have a new date yet and will write as soon as we do."
    else:
        when = f"They will reach you on {now.day} {now:%B %Y}."
    return (
        f"We are sorry: {units:,} of {sku} {name} on {order} cannot reach you on {was.day} {was:%B %Y} as promised. "
        f"{when} Everything else on the order stays as it is. "
        "Please tell us if another date, a part delivery or a substitute suits you better."
    )


def record(made: Plan, scene: Scene, *, by: str = "", said: str = "") -> dict[str, Any]:
    """What is stored with the decision on the urgent line: what it got, and every candidate with its rule."""
    lines = {line.line_id: line for line in scene.lines}
    candidates = [
        [lines[line_id].number, lines[line_id].tier, lines[line_id].promised_on.isoformat(), units, what]
        for line_id, units, what in [
            *((k, n, "gives way in time") for k, n in units_of(made.at_once).items()),
            *((k, n, f"gives way, {_slip(made, k)}") for k, n in units_of(made.to_allow).items()),
            *((s.line_id, s.units, f"stays: {SPARED[s.rule]}") for s in made.spared),
        ]
        if line_id in lines
    ]
    return {
        "want": made.ask.units,
        "got": made.got,
        "pending": made.pending,
        "candidates": candidates,
        **({"approver": by} if by else {}),
        **({"changed": said} if said else {}),
    }


def outcome(made: Plan) -> dict[str, Any]:
    """A plan as plain data, to be compared with the one that a replay gives."""
    return {
        "free": [list(row) for row in made.free],
        "at_once": [list(row) for row in made.at_once],
        "to_allow": [list(row) for row in made.to_allow],
        "spared": [list(row) for row in made.spared],
        "slips": [
            [s.line_id, s.promised_on.isoformat(), s.units, s.leaves_on.isoformat() if s.leaves_on else None]
            for s in made.slips
        ],
    }


def inputs_of(
    ask: Ask,
    scene: Scene,
    *,
    allowed: Mapping[int, int] | None = None,
    seen: Mapping[int, int | None] | None = None,
) -> dict[str, Any]:
    """Everything that the rule looked at, as plain data."""
    return {
        "ask": [*ask[:4], ask.ship_on.isoformat(), *ask[5:]],
        "item": scene.item_id,
        "today": scene.today.isoformat(),
        "pools": [[*p[:4], p.expires_on.isoformat() if p.expires_on else None, *p[5:]] for p in scene.pools],
        "lines": [[*x[:4], x.promised_on.isoformat(), *x[5:]] for x in scene.lines],
        "promises": [list(held) for held in scene.promises],
        "coming": [[c.po_line_id, c.number, c.expected_on.isoformat(), c.units] for c in scene.coming],
        **({"foreseen": True} if scene.is_foreseen else {}),
        **({"allowed": [list(pair) for pair in allowed.items()]} if allowed is not None else {}),
        **({"seen": [list(pair) for pair in seen.items()]} if seen is not None else {}),
    }


def _line_of(stored: Sequence[Any]) -> ClaimLine:
    """A line as it was stored: before rule sets ranked lines, without its place."""
    defaults = ClaimLine._field_defaults
    values = [*stored, *(defaults[name] for name in ClaimLine._fields[len(stored) :])]
    return ClaimLine._make([*values[:4], date.fromisoformat(values[4]), *values[5:]])


def replayed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome of the rule on stored inputs: what it would say today to what it was told then."""
    a = inputs["ask"]
    ask = Ask(a[0], a[1], a[2], a[3], date.fromisoformat(a[4]), *a[5:])
    scene = Scene(
        inputs["item"],
        date.fromisoformat(inputs["today"]),
        tuple(Pool._make([*p[:4], date.fromisoformat(p[4]) if p[4] else None, *p[5:]]) for p in inputs["pools"]),
        tuple(_line_of(x) for x in inputs["lines"]),
        tuple(Promised(*held) for held in inputs["promises"]),
        tuple(Coming(c[0], c[1], date.fromisoformat(c[2]), c[3]) for c in inputs["coming"]),
        inputs.get("foreseen", False),
    )
    if "allowed" not in inputs:
        return outcome(plan(ask, scene))
    made, _ = judged_anew(ask, scene, dict(inputs["allowed"]), dict(inputs["seen"]))
    return outcome(made)
