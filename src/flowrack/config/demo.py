"""`flowrack demo`: the sample company, made the first time, kept afterwards, started over when asked."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings
from django.db import connection

from flowrack.config import launch, operations, serve
from flowrack.platform import sql
from flowrack.platform.roles import ROLES

# Robots have tokens, not passwords.
WITHOUT_SIGN_IN = {"system", "integration"}


@dataclass
class Demo:
    """What the home knows of its sample company: how far it is, and the passwords of its people."""

    state: str = "absent"
    passwords: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def path() -> Path:
        return Path(settings.HOME) / "demo.json"

    @classmethod
    def read(cls) -> Demo:
        return cls(**json.loads(cls.path().read_text())) if cls.path().exists() else cls()

    def write(self) -> None:
        """Readable by its owner only: it holds passwords."""
        new = self.path().with_suffix(".new")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(self), file)
        new.replace(self.path())


def register(subparsers: Any) -> None:
    """Add `flowrack demo`."""
    parser = subparsers.add_parser("demo", help="serve the sample company; makes it the first time")
    parser.add_argument("--reset", action="store_true", help="delete the sample company and make it anew")
    parser.add_argument("--no-serve", action="store_true", help="make it, but do not serve")
    operations.add_address(parser)
    parser.set_defaults(run=run_demo, needs_tables=False, needs_company=False)


def run_demo(arguments: argparse.Namespace) -> int:
    """Make the sample company unless it is there, then serve it."""
    if not arguments.no_serve:
        serve.check_port(arguments.host, arguments.port)
    demo = Demo.read()
    if arguments.reset or demo.state == "loading":
        empty_database(demo)
        demo = Demo()
    launch.migrate()
    if demo.state != "ready":
        demo = make_company()
    if arguments.no_serve:
        return 0
    address = f"http://{arguments.host}:{arguments.port}/"
    return serve.serve(
        arguments.host,
        arguments.port,
        processes=arguments.processes,
        when_ready=lambda: print(sign_ins(demo, address), flush=True),
    )


def make_company() -> Demo:
    """Load the sample company into an empty database."""
    people, sample = _module("flowrack.integrations.people", "hire"), _module("flowrack.integrations.sample", "load")
    if sql.fetch_value("SELECT EXISTS (SELECT FROM platform_commandrecord)"):
        raise launch.CannotStart(
            f"The database already holds a company that is not the sample one. Choose another home for the sample: "
            f"FLOWRACK_HOME={settings.HOME}-demo"
        )
    demo = Demo("loading", {role: _password() for role in ROLES if role not in WITHOUT_SIGN_IN})
    demo.write()
    started = time.monotonic()

    def progress(text: str) -> None:
        print(f"  {time.monotonic() - started:6.1f} s  {text}", flush=True)

    print("Making the sample company; this is done once and takes up to three minutes.", flush=True)
    people.hire("demo", {**demo.passwords, **dict.fromkeys(WITHOUT_SIGN_IN, _password())})
    sql.execute("UPDATE platform_user SET password = '!' WHERE username = ANY(%s::text[])", [list(WITHOUT_SIGN_IN)])
    sample.load(progress)
    demo.state = "ready"
    demo.write()
    return demo


def empty_database(demo: Demo) -> None:
    """Delete everything; only ever a sample company, and only while nobody uses it."""
    if (
        demo.state == "absent"
        and _has_tables()
        and sql.fetch_value("SELECT EXISTS (SELECT FROM platform_commandrecord)")
    ):
        raise launch.CannotStart("The database does not hold the sample company, so it is not deleted.")
    others = sql.fetch_value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    if others:
        raise launch.CannotStart(f"The database is in use ({others} connections). Stop Flowrack there, then try again.")
    drop_everything()
    Demo.path().unlink(missing_ok=True)


def drop_everything() -> None:
    """An empty database, as it was before the first migration."""
    sql.execute("DO $$ BEGIN DROP SCHEMA public CASCADE; CREATE SCHEMA public; END $$")
    connection.close()


def sign_ins(demo: Demo, address: str) -> str:
    """What a new user needs to read: where, who, and how to go on."""
    lines = [f"Flowrack serves the sample company on {address}", "", f"  {'Role':<22}{'Sign-in name':<22}Password"]
    lines += [f"  {ROLES[role]:<22}{role:<22}{demo.passwords[role]}" for role in ROLES if role in demo.passwords]
    lines += ["", "Ctrl-C stops it; the data stay. `make demo-reset` starts over."]
    return "\n".join(lines)


def _has_tables() -> bool:
    return bool(sql.fetch_value("SELECT to_regclass('platform_commandrecord') IS NOT NULL"))


def _password() -> str:
    """Nine letters and digits that cannot be mistaken for one another on a phone."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(9))


def _module(name: str, function: str) -> ModuleType:
    """A module of the sample company; imported late, for no other command needs it."""
    module = importlib.import_module(name) if importlib.util.find_spec(name) else None
    if module is None or not hasattr(module, function):
        raise launch.CannotStart("This version brings no sample company.")
    return module
