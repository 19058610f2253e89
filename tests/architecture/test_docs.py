"""The documents lead where they say."""

from __future__ import annotations

from pathlib import Path

from tools.docs import broken_links

ROOT = Path(__file__).resolve().parents[2]


def test_every_link_leads_somewhere() -> None:
    assert list(broken_links(ROOT)) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "A.md").write_text("# Top\n[b](B.md) [c](#top) [d](#nowhere) [e](https://example.org)\n")
    assert list(broken_links(tmp_path)) == ["A.md: there is no B.md", "A.md: no heading #nowhere in A.md"]
