"""How benchmark figures are printed and written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from flowrack.integrations.bench.harness import Figure


def print_figures(figures: Iterable[Figure]) -> list[Figure]:
    """Print each figure as it comes; the list of all."""
    shown = []
    print(f"{'name':<28}{'value':>12} {'unit':<10}{'raw SQL':>12}{'ratio':>8}{'size':>12}{'MiB':>7}")
    for figure in figures:
        raw = "" if figure.raw is None else f"{figure.raw:,.2f}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        print(
            f"{figure.name:<28}{figure.value:>12,.2f} {figure.unit:<10}{raw:>12}{ratio:>8}{figure.size:>12,}"
            f"{figure.memory_mib:>7.0f}",
            flush=True,
        )
        shown.append(figure)
    return shown


def write_json(figures: list[Figure], path: Path) -> None:
    """The report other tools read."""
    path.write_text(json.dumps([figure.as_json() for figure in figures], indent=1) + "\n")
