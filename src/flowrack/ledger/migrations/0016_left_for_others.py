"""A promise at the commit may have to leave units of its pool for others."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((SQL / "claims.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0015_open_layers")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
