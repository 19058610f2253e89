"""A label spec as a file: YAML that people read, write and keep beside their other settings."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

import yaml

from flowrack.labels.types import BadLabelSpec, DraftLabelSpec, Element
from flowrack.shared.errors import BadLine

LONGEST_FILE = 100_000
_HEAD = {one.name: one for one in fields(DraftLabelSpec) if one.name != "elements"}
_PART = {one.name: one for one in fields(Element)}
_MUST = {"code", "kind", "name"}
_MUST_PART = {"name", "shape", "x_mm", "y_mm", "width_mm", "height_mm"}


def written(spec: DraftLabelSpec) -> str:
    """The spec as YAML; what is as usual is left out of its elements."""
    usual = {one.name: one.default for one in fields(Element)}
    head = {name: getattr(spec, name) for name in _HEAD}
    head = {name: value for name, value in head.items() if value not in (None, "")}
    parts = [
        {name: _plain(value) for name, value in asdict(one).items() if name in _MUST_PART or value != usual[name]}
        for one in spec.elements
    ]
    said = {**{name: _plain(value) for name, value in head.items()}, "elements": parts}
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=120)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


class _Plain(yaml.SafeLoader):
    """YAML without references: a few lines of them stand for gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="an alias", problem_mark=self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        return super().compose_node(parent, index)


def read(text: str) -> DraftLabelSpec:
    """The spec that a file says. Refuses with BadLabelSpec, naming every entry that is none."""
    if len(text) > LONGEST_FILE:
        raise BadLabelSpec("This file is too long for a label spec.", fix="A spec has a few dozen elements.")
    try:
        said = yaml.load(text, Loader=_Plain)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        at = getattr(error, "problem_mark", None)
        where = f" in line {at.line + 1}" if at else ""
        raise BadLabelSpec(f"This file is no YAML{where}.", fix="Save a spec as a file and change that.") from error
    if not isinstance(said, dict) or not isinstance(said.get("elements"), list):
        raise BadLabelSpec("This file is no label spec.", fix="It needs code, kind, name and a list of elements.")
    bad: list[BadLine] = []
    head = _values({k: v for k, v in said.items() if k != "elements"}, _HEAD, _MUST, 0, bad)
    parts = []
    for number, one in enumerate(said["elements"], 1):
        if not isinstance(one, dict):
            bad.append(BadLine(number, "elements", "An element has a name, shape and place.", "Indent its entries."))
            continue
        parts.append(_values(one, _PART, _MUST_PART, number, bad))
    if bad:
        raise BadLabelSpec(bad[0].message, lines=bad, fix=bad[0].fix)
    return DraftLabelSpec(elements=[Element(**part) for part in parts], **head)


def _values(said: dict[Any, Any], known: Any, must: set[str], number: int, bad: list[BadLine]) -> dict[str, Any]:
    where = f"element {_short(said.get('name', number))}" if number else "the head"
    for name in sorted(must - set(said)):
        bad.append(BadLine(number, name, f"{where} has no {name}.", "Write it."))
    found = {}
    for name, value in said.items():
        if name not in known:
            bad.append(BadLine(number, str(name)[:40], f"{where} has an unknown entry {_short(name)}.", "Take it out."))
        elif not _fits(str(known[name].type), value):
            said_of_it = f"{where}: {name} cannot be “{_short(value)}”."
            bad.append(BadLine(number, name, said_of_it, "Compare a spec of the house."))
        else:
            found[name] = str(value) if known[name].type == "str" else value
    return found


def _short(value: Any) -> str:
    """A value in a sentence; what is no plain value by its kind alone."""
    return "a list" if isinstance(value, list | dict | set) else str(value)[:40]


def _fits(type_name: str, value: Any) -> bool:
    is_day = value is None or (isinstance(value, date) and not isinstance(value, datetime))
    is_whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
    return {
        "str": isinstance(value, str) or is_whole,
        "int": is_whole,
        "bool": isinstance(value, bool),
        "date | None": is_day,
    }[type_name]
