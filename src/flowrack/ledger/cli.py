"""`flowrack verify`: proves the ledger's sums."""

from __future__ import annotations

import argparse
import sys
import time


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command; the platform adds `--seals` to it."""


def verify_ledger() -> int:
    """Print every check's outcome; the number of broken ones."""
    from flowrack.ledger.verify import CHECKS, verify

    started = time.monotonic()
    findings = verify()
    for finding in findings:
        print(f"BROKEN  {finding.check}: {finding.rows} rows, e.g. {finding.sample[0]}", file=sys.stderr)
    print(f"{len(CHECKS) - len(findings)} of {len(CHECKS)} checks hold ({time.monotonic() - started:.1f} s)")
    return len(findings)
