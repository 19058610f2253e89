"""Every screen of the floor can be answered by touch: where a code is asked for, one can be typed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "flowrack"


def mute(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Steps that ask for a scan and do not say what they accept: they get no field for a code and no camera."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ScanStep":
            given = {word.arg: ast.unparse(word.value) for word in node.keywords if word.arg}
            if "Scan " in given.get("prompt", "") and not given.keys() & {"accepts", "keypad"}:
                yield node.lineno, given["prompt"]


def test_every_step_that_asks_for_a_scan_says_what_it_accepts() -> None:
    files = [
        path for path in SOURCE.rglob("*.py") if "scan" in str(path.relative_to(SOURCE)) and "tests" not in path.parts
    ]
    found = {
        f"{path.relative_to(SOURCE)}:{at}": prompt for path in files for at, prompt in mute(ast.parse(path.read_text()))
    }
    assert (len(files) > 20, found) == (True, {})


def test_a_step_without_is_found() -> None:
    assert list(mute(ast.parse("ScanStep(task='A', prompt=f'Scan {x}')"))) == [(1, "f'Scan {x}'")]
    assert list(mute(ast.parse("ScanStep(prompt='Scan bin', accepts='A bin')"))) == []


def mute_on_the_device(text: str) -> Iterator[str]:
    """The same of the steps that a device draws by itself: one object of the source each."""
    for step in re.findall(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\bprompt: [^,]*Scan [^{}]*(?:\{[^{}]*\}[^{}]*)*\}", text):
        if "accepts:" not in step and "keypad:" not in step:
            yield step


def test_every_step_on_the_device_says_what_it_accepts() -> None:
    files = sorted((SOURCE / "static" / "js").glob("offline-*.js"))
    found = [(path.name, step[:120]) for path in files for step in mute_on_the_device(path.read_text())]
    assert (len(files) > 4, found) == (True, [])
    assert list(mute_on_the_device('return { ...about, prompt: "Scan bin", actions: [{ code: "x" }] };')) != []
