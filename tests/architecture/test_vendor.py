"""What others wrote is in the repository unchanged, and pages load nothing else."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "src" / "flowrack" / "static"
TEMPLATES = ROOT / "src" / "flowrack" / "templates"


def listed() -> dict[str, str]:
    """File name -> SHA-256, as frontend/vendor.txt says."""
    lines = (ROOT / "frontend" / "vendor.txt").read_text().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {row[0]: row[-1] for row in rows}


def test_every_vendored_file_is_listed_with_its_checksum() -> None:
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").iterdir()
        if path.suffix in (".js", ".css", ".wasm")
    }
    assert found == listed()
    assert len(found) >= 4


def test_every_static_file_that_a_template_names_is_there() -> None:
    named = {
        (template.relative_to(TEMPLATES).as_posix(), name)
        for template in TEMPLATES.rglob("*.html")
        for name in re.findall(r"{% static '([^'{]+)' %}", template.read_text())
    }
    assert len(named) > 10
    assert {pair for pair in named if not (STATIC / pair[1]).is_file()} == set()


def test_no_template_has_inline_style_script_or_a_foreign_address() -> None:
    bad = re.compile(
        r"""\sstyle\s*=|\son\w+\s*=\s*["']|<style|(?:src|href)\s*=\s*["']https?://|<script>""", re.IGNORECASE
    )
    found = {
        template.relative_to(TEMPLATES).as_posix(): bad.findall(template.read_text())
        for template in TEMPLATES.rglob("*.html")
    }
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_the_tokens_of_both_themes_keep_their_contrast() -> None:
    """Text on the page's ground: 4.5:1 at least, as the look promises; computed from the stylesheet itself."""
    css = (STATIC / "css" / "look.css").read_text()
    tokens = dict(re.findall(r"--([\w-]+):\s*light-dark\(([^)]+)\)", css))

    def light(colour: str) -> float:
        parts = [int(colour.strip()[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def ratio(one: str, other: str, theme: int) -> float:
        pair = sorted(light(tokens[name].split(",")[theme]) for name in (one, other))
        return (pair[1] + 0.05) / (pair[0] + 0.05)

    for theme in (0, 1):
        for name in ("ink", "ink-2", "ink-3", "accent", "bad", "warn", "ok"):
            assert ratio(name, "bg", theme) >= 4.5, (name, theme)
        assert ratio("on-accent", "accent", theme) >= 4.5
        assert ratio("bad", "bad-soft", theme) >= 4.5
        assert ratio("warn", "warn-soft", theme) >= 4.5
