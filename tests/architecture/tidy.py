"""What imports cannot show, read from the syntax tree. Each ban names its replacement."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

MAX_FUNCTION_LINES = 70
MAX_FILE_LINES = 400
NOT_STAGES = {"shared", "platform", "config"}
WRITES = {"save", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "abulk_create", "asave"}
SQL_WRITE = re.compile(r"\b(INSERT INTO|DELETE FROM|UPDATE \w+ (AS \w+ |\w+ )?SET|TRUNCATE \w+)\b")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


@dataclass(frozen=True, order=True)
class Violation:
    """One offence; `where` is stable under edits elsewhere in the file, so that a list of known ones stays readable."""

    rule: str
    where: str
    line: int
    instead: str

    @property
    def key(self) -> str:
        return f"{self.rule} {self.where}"

    def __str__(self) -> str:
        return f"{self.where} (line {self.line}): {self.rule}. {self.instead}"


@dataclass(frozen=True)
class Source:
    """A parsed file and where it stands in the package."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    @cached_property
    def places(self) -> list[tuple[ast.AST, str]]:
        """Every node with the dotted name of the function or class around it."""
        found: list[tuple[ast.AST, str]] = []
        waiting: list[tuple[ast.AST, str]] = [(self.tree, "")]
        while waiting:
            node, place = waiting.pop()
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr_context):
                    continue  # every name has one
                inner = place
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    inner = f"{place}.{child.name}" if place else child.name
                found.append((child, inner))
                waiting.append((child, inner))
        return found

    @property
    def stage(self) -> str:
        """The stage's name; empty for shared, platform, config and what is outside the package."""
        parts = self.path.parts
        inside = parts[:2] == ("src", "flowrack") and len(parts) > 3
        return parts[2] if inside and parts[2] not in NOT_STAGES else ""

    @property
    def is_platform(self) -> bool:
        return self.path.parts[:3] == ("src", "flowrack", "platform")

    @property
    def is_test(self) -> bool:
        return "tests" in self.path.parts or self.path.name == "conftest.py"

    @property
    def is_bench(self) -> bool:
        """A benchmark compares with hand-written SQL and divides seconds."""
        return self.layer("bench")

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.path.parts

    def layer(self, *names: str) -> bool:
        """Whether the file is one of these layers: `steps.py`, `steps_reverse.py` or a file in a folder `steps/`."""
        inside = self.path.parts[3:]
        return any(part == n or part == f"{n}.py" or part.startswith(f"{n}_") for part in inside for n in names)


Rule = Callable[[Source], Iterator[tuple[int, str, str, str]]]
RULES: list[Rule] = []


def rule(check: Rule) -> Rule:
    RULES.append(check)
    return check


def violations(path: PurePosixPath, text: str) -> list[Violation]:
    """All offences of one file, path relative to the repository."""
    source = Source(path, text, ast.parse(text))
    found = [
        Violation(rule=name, where=f"{path}{':' + place if place else ''}", line=line, instead=instead)
        for check in RULES
        for line, name, place, instead in check(source)
    ]
    return sorted(found)


@cache
def violations_below(root: Path) -> list[Violation]:
    """All offences of the repository; read once."""
    found: list[Violation] = []
    for folder in ("src", "tests", "tools"):
        for file in sorted((root / folder).rglob("*.py")):
            found += violations(PurePosixPath(file.relative_to(root).as_posix()), file.read_text())
    return found


def _dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of names, calls looked through: `Po.objects.filter(x).update` is Po.objects.filter.update."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return _dotted(node.func)
    return "?"


@rule
def one_transaction(source: Source) -> Iterator[tuple[int, str, str, str]]:
    if (
        source.is_test
        or source.is_bench
        or source.is_migration
        or source.path.as_posix().endswith("platform/runner.py")
    ):
        return
    for node, place in source.places:
        imported = isinstance(node, ast.ImportFrom) and any(a.name == "atomic" for a in node.names)
        if imported or (isinstance(node, ast.Attribute) and node.attr == "atomic"):
            yield node.lineno, "transaction.atomic", place, "Only platform/runner.py opens one: write a command."


@rule
def locks_have_a_file(source: Source) -> Iterator[tuple[int, str, str, str]]:
    if source.is_test or source.layer("locks"):
        return
    for node, place in source.places:
        if isinstance(node, ast.Attribute) and node.attr == "select_for_update":
            yield node.lineno, "select_for_update", place, "Put it into the stage's locks.py, rows in key order."


@rule
def writes_have_a_layer(source: Source) -> Iterator[tuple[int, str, str, str]]:
    if not source.stage or source.is_test or source.is_migration or source.layer("steps", "commands", "bench"):
        return
    instead = "Write in steps.py or commands.py; an edge calls a command."
    for node, place in source.places:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_WRITE.search(node.value):
            yield node.lineno, "SQL write", place, instead
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        chain = _dotted(node.func).split(".")
        of_manager = "objects" in chain or {"filter", "exclude", "all"} & set(chain)
        if chain[-1] in WRITES or (chain[-1] in {"create", "update"} and of_manager):
            yield node.lineno, f"ORM write .{chain[-1]}()", place, instead


@rule
def one_clock(source: Source) -> Iterator[tuple[int, str, str, str]]:
    if source.is_test or source.is_migration or source.path.as_posix().endswith("platform/http.py"):
        return
    for node, place in source.places:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            chain = _dotted(node.func).split(".")
            of_clock = bool({"timezone", "datetime", "date"} & set(chain[:-1]))
            if chain[-1] in {"now", "utcnow", "today"} and of_clock:
                yield node.lineno, f"{chain[-1]}()", place, "Read ctx.now; an edge takes it from platform/http.py."


@rule
def no_float(source: Source) -> Iterator[tuple[int, str, str, str]]:
    if not source.stage or source.is_test or source.is_bench or (source.stage == "planning" and source.layer("rules")):
        return
    for node, place in source.places:
        if isinstance(node, ast.Name) and node.id in {"float", "round"} and isinstance(node.ctx, ast.Load):
            yield node.lineno, node.id, place, "Units are whole, money is Decimal: use shared.quantity or shared.money."


@rule
def no_signals(source: Source) -> Iterator[tuple[int, str, str, str]]:
    for node, place in source.places:
        if isinstance(node, ast.ImportFrom) and node.module in {"django.db.models.signals", "django.dispatch"}:
            yield node.lineno, "signals", place, "Emit an event (ctx.emit) and subscribe to it, or call a step."


@rule
def no_json_tables(source: Source) -> Iterator[tuple[int, str, str, str]]:
    if not source.stage or source.is_migration:
        return
    for node, place in source.places:
        if isinstance(node, ast.Name | ast.Attribute) and _dotted(node).split(".")[-1] == "JSONField":
            yield node.lineno, "JSONField", place, "Make a table, with its constraints."


@rule
def imports_stand_at_the_top(source: Source) -> Iterator[tuple[int, str, str, str]]:
    if not source.stage or source.is_test or source.is_migration:
        return
    imports = [node for node, _ in source.places if isinstance(node, ast.Import | ast.ImportFrom)]
    if not any(node.col_offset for node in imports):
        return
    for outer, place in source.places:
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(outer):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield (
                        node.lineno,
                        "import inside a function",
                        place,
                        "Move it to the top; a cycle is a wrong layer.",
                    )


@rule
def functions_are_short(source: Source) -> Iterator[tuple[int, str, str, str]]:
    if source.is_migration:
        return
    for node, place in source.places:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield (
                    node.lineno,
                    f"function over {MAX_FUNCTION_LINES} lines",
                    place,
                    "Split it: branches up, leaves down.",
                )


@rule
def files_are_short(source: Source) -> Iterator[tuple[int, str, str, str]]:
    if not source.is_migration and source.text.count("\n") > MAX_FILE_LINES:
        yield 1, f"file over {MAX_FILE_LINES} lines", "", "Split it by noun; a layer may be a folder."


@rule
def nothing_unfinished(source: Source) -> Iterator[tuple[int, str, str, str]]:
    if not UNFINISHED.search(source.text):
        return  # to cut a file into words costs more than all the other rules
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and UNFINISHED.search(token.string):
            line = token.start[0]
            yield line, "unfinished work in a comment", str(line), "Finish it, or open an issue."


@rule
def commands_are_complete(source: Source) -> Iterator[tuple[int, str, str, str]]:
    if not source.stage or not source.layer("commands"):
        return
    for node, place in source.places:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and _dotted(decorator.func) == "command":
                said = {k.arg: k.value.value for k in decorator.keywords if isinstance(k.value, ast.Constant)}
                if not re.fullmatch(r"[a-z]+\.[a-z_]+", str(said.get("permission", ""))):
                    yield node.lineno, "command permission", place, 'Name it permission="stage.verb".'
                if not ast.get_docstring(node):
                    yield node.lineno, "command docstring", place, "Say what it posts, emits and refuses."


def commands_of(root: Path) -> Iterator[tuple[str, str]]:
    """(stage, command name) of every command in the package."""
    for file in sorted((root / "src" / "flowrack").rglob("*.py")):
        path = PurePosixPath(file.relative_to(root).as_posix())
        source = Source(path, "", ast.Module([], []))
        if source.stage and source.layer("commands") and not source.is_test:
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.FunctionDef):
                    calls = [d for d in node.decorator_list if isinstance(d, ast.Call)]
                    if any(_dotted(call.func) == "command" for call in calls):
                        yield source.stage, node.name
