"""The `flowrack` command. Sub-commands of a stage are in its cli.py: `register(subparsers)`, with the function that
does the work in `set_defaults(run=...)`; it takes the parsed arguments and returns the exit code (None is 0)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import django

from flowrack.shared.errors import FlowrackError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command; the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowrack.config.settings")
    django.setup()
    from flowrack.config import launch
    from flowrack.platform.embedded import EmbeddedError

    given = list(sys.argv[1:] if argv is None else argv)
    arguments = build_parser(given[:1]).parse_args(given)
    needs_database: AbstractContextManager[None] = launch.database() if arguments.needs_database else nullcontext()
    try:
        if arguments.needs_database and arguments.needs_company:
            launch.refuse_without_company()
        with needs_database:
            if arguments.needs_tables:
                launch.ready_tables()
            return arguments.run(arguments) or 0
    except (EmbeddedError, launch.CannotStart) as error:
        print(error, file=sys.stderr)
    except FlowrackError as refusal:
        print_refusal(refusal)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return 1


def print_refusal(refusal: FlowrackError) -> None:
    """A refusal as the command line shows it: the sentence, every bad line, the way out."""
    print(f"Refused ({refusal.code}): {refusal.message}", file=sys.stderr)
    for line in refusal.lines:
        where = f"line {line.line}, " if line.line else ""
        way_out = f" {line.fix}" if line.fix else ""
        print(f"  {where}{line.field}: {line.message}{way_out}", file=sys.stderr)
    if refusal.fix:
        print(refusal.fix, file=sys.stderr)


def build_parser(wanted: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser with our sub-commands and, unless one of them is wanted, the stages'.

    The stages' commands bring half the program with them, a second of importing that a start need not wait for.
    """
    from flowrack.config import backup, demo, doctor, operations
    from flowrack.config.stages import edges

    parser = argparse.ArgumentParser(prog="flowrack", description="The inventory heart of a wholesale distributor.")
    parser.set_defaults(needs_database=True, needs_tables=True, needs_company=True)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for own in (operations, demo, doctor, backup):
        own.register(subparsers)
    if not any(name in subparsers.choices for name in wanted):
        for _stage, module in edges("cli"):
            module.register(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
