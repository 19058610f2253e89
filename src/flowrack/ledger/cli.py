"""`flowrack verify`: proves the ledger's sums, and with --seals the sealed trail."""

from __future__ import annotations

import argparse
import sys
import time

from flowrack.ledger.verify import CHECKS, verify


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("verify", help="prove that every running sum equals the moves behind it")
    parser.add_argument("--seals", action="store_true", help="also check the sealed audit trail")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    broken = verify_ledger()
    if arguments.seals:
        for problem in verify_seals():
            print(f"BROKEN  {problem}", file=sys.stderr)
            broken += 1
    return 1 if broken else 0


def verify_ledger() -> int:
    """Print every check's outcome; the number of broken ones."""
    started = time.monotonic()
    findings = verify()
    for finding in findings:
        print(f"BROKEN  {finding.check}: {finding.rows} rows, e.g. {finding.sample[0]}", file=sys.stderr)
    print(f"{len(CHECKS) - len(findings)} of {len(CHECKS)} checks hold ({time.monotonic() - started:.1f} s)")
    return len(findings)
