"""The sub-commands that run an installation: serve, worker, migrate, manage."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from typing import Any

from flowrack.config import launch, serve

Subparsers = Any  # argparse keeps the name of this type to itself


def register(subparsers: Subparsers) -> None:
    """Add our sub-commands."""
    add_serving(subparsers)
    migrate = subparsers.add_parser("migrate", help="bring the database's tables up to date")
    migrate.set_defaults(run=run_migrate, needs_tables=False, needs_company=False)
    manage = subparsers.add_parser("manage", help="Django's own commands, with the database running")
    manage.add_argument("rest", nargs=argparse.REMAINDER, metavar="...")
    manage.set_defaults(run=run_manage, needs_tables=False, needs_company=False)


def add_serving(subparsers: Subparsers) -> None:
    """`serve` and `worker`."""
    parser = subparsers.add_parser("serve", help="run database (if embedded), web server and worker until stopped")
    add_address(parser)
    parser.set_defaults(run=run_serve, needs_tables=False, needs_company=False)
    worker = subparsers.add_parser("worker", help="run one background worker; serve starts one by itself")
    worker.set_defaults(run=run_worker)


def add_address(parser: argparse.ArgumentParser) -> None:
    """The options of everything that serves."""
    parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"), help="address (HOST; 127.0.0.1)")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="port (PORT; 8000)")
    parser.add_argument(
        "--processes",
        type=int,
        default=int(os.environ.get("WEB_PROCESSES", serve.WEB_PROCESSES)),
        help="web server processes (WEB_PROCESSES; %(default)s)",
    )


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    serve.check_port(arguments.host, arguments.port)
    applied = launch.migrate()
    if applied:
        print(f"{applied} migrations applied.", flush=True)

    def say_so() -> None:
        print(f"Flowrack serves on http://{arguments.host}:{arguments.port}/  (Ctrl-C stops it)", flush=True)

    return serve.serve(arguments.host, arguments.port, processes=arguments.processes, when_ready=say_so)


def run_worker(_arguments: argparse.Namespace) -> int:
    """Deliver events, run jobs, seal the audit trail, until stopped."""
    if importlib.util.find_spec("flowrack.platform.worker") is None:
        print("This version has no background worker.", file=sys.stderr)
        return 1
    return importlib.import_module("flowrack.platform.worker").main() or 0


def run_migrate(_arguments: argparse.Namespace) -> int:
    """Apply what is pending and say how much that was."""
    applied = launch.migrate()
    print(f"{applied} migrations applied." if applied else "Nothing to do: the tables are up to date.")
    return 0


def run_manage(arguments: argparse.Namespace) -> int:
    """Pass the rest to Django."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["flowrack manage", *arguments.rest])
    return 0
