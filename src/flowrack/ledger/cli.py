"""`flowrack verify`: proves the ledger's sums."""

from __future__ import annotations

import argparse
import sys
import time

from flowrack.ledger.verify import checks, verify
from flowrack.platform.sealcli import add_seal_options, verify_sealed


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("verify", help="prove that every running sum equals the moves behind it")
    add_seal_options(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.seals:
        return verify_sealed(arguments)
    return 1 if verify_ledger() else 0


def verify_ledger() -> int:
    """Print every check's outcome; the number of broken ones."""
    started = time.monotonic()
    findings = verify()
    for finding in findings:
        print(f"BROKEN  {finding.check}: {finding.rows} rows, e.g. {finding.sample[0]}", file=sys.stderr)
    all_checks = len(checks())
    print(f"{all_checks - len(findings)} of {all_checks} checks hold ({time.monotonic() - started:.1f} s)")
    return len(findings)
