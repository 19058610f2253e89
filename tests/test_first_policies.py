"""The policies that come with Flowrack survive a migration that goes back and forth."""

from __future__ import annotations

import pytest
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL

from flowrack.platform import sql

pytestmark = pytest.mark.django_db


def test_a_first_policy_that_is_there_already_stays_as_it_is():
    # Going back leaves policies: they are append-only, and what they decided names them.
    written = [
        operation.sql
        for migration in MigrationLoader(None).disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, RunSQL) and "INSERT INTO approvals_policy " in operation.sql
    ]

    def rows() -> list[int]:
        tables = ("approvals_policy", "approvals_policycondition", "approvals_policystep")
        return [sql.fetch_value(f"SELECT count(*) FROM {table}") for table in tables]

    before = rows()
    assert len(written) >= 7 and min(before) > 0
    for statement in written:
        sql.execute(statement.replace("%", "%%"))
    assert rows() == before
