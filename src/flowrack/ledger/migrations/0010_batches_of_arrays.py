"""Batches read their arrays side by side, and make new pools and books with their first sums."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
CHANGED = ("ledger_new_cells", "ledger_books", "ledger_value_receipts", "ledger_value_issues")


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for function in CHANGED:
            cursor.execute(f"DROP FUNCTION IF EXISTS {function}")
        for name in ("cells", "plain", "post", "claims", "cost", "pools"):
            cursor.execute((SQL / f"{name}.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_plates_looked_at_once")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
