"""`flowrack verify --seals`: proves that nobody changed the ledger or the audit trail behind Flowrack's back."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from flowrack.platform import seals
from flowrack.platform.seals import Head


def add_seal_options(parser: argparse.ArgumentParser) -> None:
    """The options of `verify` that concern seals."""
    parser.add_argument("--seals", action="store_true", help="prove the sealed audit trail instead of the sums")
    parser.add_argument("--head", type=Path, help="a file of exported heads that the chains must contain")
    parser.add_argument("--export-head", type=Path, help="write the heads of the chains to a file, to keep elsewhere")


def verify_sealed(arguments: argparse.Namespace) -> int:
    """Check every sealed block, print what was found; 1 when something was changed."""
    started = time.monotonic()
    wanted = [Head(**head) for head in json.loads(arguments.head.read_text())] if arguments.head else None
    seals.seal_all()
    problems = seals.verify_seals(wanted)
    for problem in problems:
        print(
            f"BROKEN  {problem.chain} block {problem.block} (rows {problem.first_id} to {problem.last_id}): "
            f"{problem.message}",
            file=sys.stderr,
        )
    heads = seals.heads()
    chains = ", ".join(f"{head.chain} {head.block} blocks" for head in heads) or "nothing is sealed yet"
    print(f"{chains}; {len(problems)} broken ({time.monotonic() - started:.1f} s)")
    if arguments.export_head and not problems:
        arguments.export_head.write_text(json.dumps([asdict(head) for head in heads], indent=1) + "\n")
    return 1 if problems else 0
