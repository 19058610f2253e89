"""`flowrack bench`."""

from __future__ import annotations

import argparse
from pathlib import Path

from flowrack.integrations.bench import (
    allocation,
    api,
    batching,
    flow,
    harness,
    imports,
    inbound,
    ledger,
    optimum,
    packing,
    picking,
    promise,
    putaway,
    reads,
    replay,
    report,
    urgent,
    waves,
)

SUITES = (
    ledger,
    api,
    flow,
    allocation,
    urgent,
    optimum,
    promise,
    putaway,
    inbound,
    waves,
    packing,
    picking,
    batching,
    imports,
    reads,
    replay,
)  # importing a suite registers its benchmarks


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "bench",
        help="measure speed against hand-written SQL for the same rows",
        description="Runs in throw-away databases on the configured server. Names: " + ", ".join(harness.BENCHES),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run; all when none is named")
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run at all")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="published problems: packing.set_N reads DIR/packing-br, batching.LAYOUT a layout in DIR/order-batching",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.set_defaults(run=_run, needs_tables=False, needs_company=False)


def _run(arguments: argparse.Namespace) -> int:
    batching.register(arguments.data)
    _check_data(arguments.names, arguments.data)
    try:
        figures = report.print_figures(harness.run(arguments.names, harness.Scale(arguments.quick, arguments.data)))
    finally:
        harness.drop_template()
    if arguments.json:
        report.write_json(figures, arguments.json)
    return 0


def _check_data(names: list[str], data: Path | None) -> None:
    """Say what is missing where published problems are asked for by name."""
    for name in names:
        group, _, which = name.partition(".")
        if data is None:
            if group == "batching" and name not in harness.BENCHES:
                raise SystemExit(f"{name} needs --data DIR; its problems are read from DIR/{batching.FOLDER}/{which}.")
            if name in packing.SETS:
                raise SystemExit(f"{name} needs --data DIR; its problems are read from DIR/packing-br.")
            continue
        if group == "batching" and name not in harness.BENCHES:
            raise SystemExit(f"There is no {data / batching.FOLDER / which / 'tsplib_parent.json'}.")
        if name in packing.SETS and not packing.path_of(data, name).is_file():
            raise SystemExit(f"There is no {packing.path_of(data, name)}.")
