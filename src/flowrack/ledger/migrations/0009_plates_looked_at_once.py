"""A plate with many lines is looked at once in a transaction, not once for each line."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((SQL / "lpns.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_fewer_statements")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
