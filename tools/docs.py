"""Check that every link between the documents leads somewhere, headings included."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def documents(root: Path) -> list[Path]:
    """All Markdown files of the repository's own."""
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def broken_links(root: Path) -> Iterator[str]:
    """One line for each link that leads nowhere."""
    for document in documents(root):
        for target in LINK.findall(document.read_text()):
            if "://" in target or target.startswith("mailto:"):
                continue
            name, _, heading = target.partition("#")
            path = (document.parent / name).resolve() if name else document
            if not path.exists():
                yield f"{document.relative_to(root)}: there is no {target}"
            elif heading and heading not in anchors(path.read_text()):
                yield f"{document.relative_to(root)}: no heading #{heading} in {name or document.name}"


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings get."""
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in HEADING.findall(text)}


def main() -> int:
    """Print what is broken; 1 when something is."""
    root = Path(__file__).resolve().parents[1]
    broken = list(broken_links(root))
    print("\n".join(broken) or f"All links of {len(documents(root))} documents lead somewhere.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
