"""Promises that travel with the commit of their command."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((SQL / "claims.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0011_quicker_checks")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
