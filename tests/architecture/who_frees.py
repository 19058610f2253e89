"""Read from the source: which functions free stock, and whether whoever calls them says so with an event."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

WRITERS = ("types", "steps", "commands", "subscribers", "jobs")  # who writes, and the words of it; edges only call them
SOURCE = Path(__file__).resolve().parents[2] / "src"
BESIDE = {"tests", "migrations", "bench"}


@dataclass
class Function:
    """What a function names of ours, the events it makes, and whether a person or a subscriber begins with it."""

    uses: set[str] = field(default_factory=set)
    tells: set[str] = field(default_factory=set)
    is_command: bool = False


def read() -> dict[str, Function]:
    """All functions of the package, by dotted name."""
    trees = {
        ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text())
        for path in SOURCE.glob("flowrack/*/**/*.py")
        if not BESIDE & set(path.parts) and path.relative_to(SOURCE).parts[2].startswith(WRITERS)
    }
    return functions(trees)


def functions(trees: Mapping[str, ast.Module]) -> dict[str, Function]:
    """The functions of modules by dotted name."""
    kinds = {f"{module}.{name}": kind for module, tree in trees.items() for name, kind in _events(tree)}
    found: dict[str, Function] = {}
    for module, tree in trees.items():
        known = _known(module, tree)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                uses = {name for one in ast.walk(node) if (name := _name(one, known))}
                tells = {kinds[name] for name in uses if name in kinds}
                is_command = any(ast.unparse(one).startswith("command(") for one in node.decorator_list)
                found[f"{module}.{node.name}"] = Function(uses, tells, is_command)
    return found


def _events(tree: ast.Module) -> Iterable[tuple[str, str]]:
    for node in tree.body:
        for line in node.body if isinstance(node, ast.ClassDef) else []:
            is_kind = isinstance(line, ast.AnnAssign) and getattr(line.target, "id", "") == "kind"
            if is_kind and isinstance(line.value, ast.Constant):
                yield node.name, line.value.value


def _known(module: str, tree: ast.Module) -> dict[str, str]:
    names = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return names | {
        node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def _name(node: ast.AST, known: Mapping[str, str]) -> str:
    """The full name of `thing` or `module.thing`; "" of what is not ours."""
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
        return f"{known[node.value.id]}.{node.attr}"
    return ""


def silent(found: Mapping[str, Function], roots: Iterable[str], kinds: Iterable[str], but: Iterable[str]) -> list[str]:
    """Ways from what frees stock up to a command, or to whoever nobody calls, on which nobody makes one of the events.

    A function tells what it makes itself or by helpers of its module, and what those that it calls elsewhere make so.
    `but` are functions that free nothing.
    """
    heard, passed = set(kinds), set(but)
    callers: dict[str, set[str]] = {}
    for name, one in found.items():
        for used in one.uses - {name}:
            callers.setdefault(used, set()).add(name)
    ways = {root: [root] for root in roots}
    waiting, ends = sorted(ways), []
    while waiting:
        name = waiting.pop()
        above = callers.get(name, set())
        if name in found and (found[name].is_command or not above):
            ends.append(" < ".join(reversed(ways[name])))
            continue
        for caller in sorted(above - set(ways) - passed):
            ways[caller] = [*ways[name], caller]
            below = [_said(found, used) for used in found[caller].uses if used in found and used not in ways]
            if not heard & _said(found, caller).union(*below):
                waiting.append(caller)
    return sorted(ends)


def _said(found: Mapping[str, Function], name: str) -> set[str]:
    """The events that a function makes, by itself or by functions of its module."""
    module = name.rpartition(".")[0]
    said: set[str] = set()
    waiting, seen = [name], {name}
    while waiting:
        one = found[waiting.pop()]
        said |= one.tells
        more = {used for used in one.uses if used in found and used.rpartition(".")[0] == module} - seen
        seen |= more
        waiting += more
    return said
