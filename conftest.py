"""Tests run against the server that DATABASE_URL names, else against an embedded PostgreSQL of their own."""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

HERE = Path(__file__).resolve().parent
_until_the_end = ExitStack()

# A busy machine is no finding; and a run of the continuous integration can be repeated to the letter.
settings.register_profile(
    "flowrack", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=os.environ.get("CI") == "true"
)
settings.load_profile("flowrack")


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded server once, in the process that leads; its workers find it by DATABASE_URL."""
    if os.environ.get("DATABASE_URL") or not config.pluginmanager.hasplugin("django"):
        return
    from django.conf import settings as django_settings
    from django.db import connections

    from flowrack.config.database import database_settings
    from flowrack.platform import embedded

    home = Path(os.environ.get("FLOWRACK_TEST_HOME", HERE / ".flowrack-test"))
    os.environ["DATABASE_URL"] = _until_the_end.enter_context(embedded.running(home))
    with psycopg.connect(host=str(embedded.socket_dir(home)), user="postgres", dbname="postgres") as admin:
        # The tests of seals and sums tamper as somebody with the server's own rights would.
        admin.execute("GRANT SET ON PARAMETER session_replication_role TO flowrack")
    django_settings.DATABASES = {"default": database_settings(home)}
    connections.settings["default"].update(connections.configure_settings(django_settings.DATABASES)["default"])


def pytest_collection_finish() -> None:
    """What was imported stays to the end: it need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Each worker's database is a copy of one that was migrated once; a commit in it need not survive a crash."""
    from django.db import connection
    from tests.template import template

    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = template()
    connection.settings_dict["OPTIONS"]["options"] += " -c synchronous_commit=off"


@pytest.fixture(scope="session", autouse=True)
def seeds_survive(request: pytest.FixtureRequest) -> None:
    """What migrations put into tables is there for every test."""
    if request.config.pluginmanager.hasplugin("django"):
        from tests.seeds import keep_seeds

        keep_seeds()


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes(request: pytest.FixtureRequest) -> None:
    """Passwords and PINs are hashed as in the house, but by one round in little memory: it is costly by design."""
    if request.config.pluginmanager.hasplugin("django"):
        from django.contrib.auth.hashers import Argon2PasswordHasher

        Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 64
        Argon2PasswordHasher.parallelism = 1


@pytest.fixture(autouse=True)
def no_clock_of_another_test(request: pytest.FixtureRequest) -> None:
    """What a process remembers of the zones of sites is of this test's sites."""
    if request.config.pluginmanager.hasplugin("django"):
        from flowrack.platform.web import clock

        clock.forget()


def pytest_unconfigure() -> None:
    """The last of the test runs in this directory stops the server."""
    _until_the_end.close()
