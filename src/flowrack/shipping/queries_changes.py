"""What people changed of an order, for its timeline: read from the records of commands by the commands' own types.

A record that is of another shape, because it was written before the type changed, tells what was done and why, and no
more: it never breaks the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from flowrack.platform import sql
from flowrack.sales.types import Cancelled, ChangeLine, LineChanged
from flowrack.sales.types_changes import ChangeOrder, LinesAdded, OrderChanged
from flowrack.shared.refs import ref

Lines = Mapping[int, int]  # numbers of the lines of the order
Words = Callable[[Any, Any, Lines], list[str]]  # of a request and a result


@dataclass(frozen=True, slots=True)
class Change:
    """A command about an order: when, who, what it did in words, and the lines that it added."""

    at: datetime
    actor_id: int
    what: str
    note: str
    added: int = 0


def _fields(_: Any, result: OrderChanged, lines: Lines) -> list[str]:
    """ "requested on 4 Mar → 6 Mar, line 1 80 → 70 units" """
    return [
        " ".join(part for part in (one.field.replace("_", " "), one.before, "→", one.after) if part)
        for one in result.changed
    ]


def _order(request: ChangeOrder, result: OrderChanged, lines: Lines) -> list[str]:
    """Orders told no change of their lines once: then the request tells it."""
    said = _fields(request, result, lines)
    if not any(one.field.startswith("line ") for one in result.changed):
        wanted = [one for one in request.lines if one.units is not None and one.line_id in lines]
        said += [f"line {lines[one.line_id]} → {one.units} units" for one in wanted]
    return said


def _line(request: ChangeLine, result: LineChanged, lines: Lines) -> list[str]:
    if request.units is None or request.line_id not in lines:
        return []
    before = "" if result.before_units is None else f"{result.before_units} "
    return [f"line {lines[request.line_id]} {before}→ {request.units} units"]


def _cancelled(_: Any, result: Cancelled, lines: Lines) -> list[str]:
    pairs = zip(result.line_ids, result.units, strict=True)
    return [f"line {lines[line_id]}: {units} units" for line_id, units in pairs if line_id in lines]


def _added(_: Any, result: LinesAdded, lines: Lines) -> list[str]:
    return [f"line {one.line_no}: {one.units:,} × {one.sku}" for one in result.lines]


def _nothing(_: Any, result: Any, lines: Lines) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class _Told:
    """How a command is told: its name on the timeline, the types of its record, and what it did in words."""

    what: str
    request: TypeAdapter[Any]
    result: TypeAdapter[Any]
    words: Words


def _told(what: str, words: Words = _nothing, request: Any = Any, result: Any = Any) -> _Told:
    return _Told(what, TypeAdapter(request), TypeAdapter(result), words)


COMMANDS: Mapping[str, _Told] = {
    "sales.cancel_lines": _told("Rest cancelled", _cancelled, result=Cancelled),
    "sales.cancel_order": _told("Cancelled", _cancelled, result=Cancelled),
    "sales.cancel_overdue": _told("Cancelled, too late"),
    "sales.override_order": _told("Terms overridden", _fields, result=OrderChanged),
    "sales.set_order_terms": _told("Terms changed", _fields, result=OrderChanged),
    "sales.change_order": _told("Changed", _order, ChangeOrder, OrderChanged),
    "sales.change_line": _told("Changed", _line, ChangeLine, LineChanged),
    "sales.add_lines": _told("Lines added", _added, result=LinesAdded),
    "allocation.release_allocation": _told("Promise taken back"),
}


def changes(order_id: int) -> list[Change]:
    """What was changed of an order, the oldest first. Two queries."""
    rows = sql.fetch_all(
        """
        SELECT c.occurred_at, c.actor_id, c.command, c.request::json, c.result::json FROM platform_commandrecord c
        WHERE c.id = ANY(ARRAY(
            SELECT id FROM platform_commandrecord WHERE subject = %(order)s
            UNION SELECT command_id FROM platform_commandsubject WHERE subject = %(order)s
        )) AND c.command = ANY(%(commands)s::text[])
        ORDER BY c.id
        """,
        {"order": ref("sales.order", order_id), "commands": list(COMMANDS)},
    )
    if not rows:
        return []
    lines = dict(sql.fetch_all("SELECT id, line_no FROM sales_orderline WHERE order_id = %s", (order_id,)))
    return [change_of(*row, lines=lines) for row in rows]


def change_of(at: datetime, actor_id: int, command: str, request: Any, result: Any, *, lines: Lines) -> Change:
    """What a record tells; `lines` are the numbers of the lines of its order."""
    told = COMMANDS[command]
    said: Sequence[str] = ()
    with suppress(ValidationError):
        said = told.words(told.request.validate_python(request), told.result.validate_python(result), lines)
    reason = request.get("reason") or "" if isinstance(request, dict) else ""
    added = len(said) if command == "sales.add_lines" else 0
    return Change(at, actor_id, told.what, "; ".join(part for part in (", ".join(said), reason) if part), added)
