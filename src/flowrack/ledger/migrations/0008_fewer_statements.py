"""Plain postings and promises in fewer statements; batches of new stock write their sums at once."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
CHANGED = (
    "ledger_change_plain_pools",
    "ledger_use_commitments",
    "ledger_use_reservations",
    "ledger_cost_plain",
    "ledger_refuse_short",
    "ledger_refuse_promised",
)


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for function in CHANGED:
            cursor.execute(f"DROP FUNCTION IF EXISTS {function}")
        for name in ("cells", "plain", "post", "claims", "cost", "pools"):
            cursor.execute((SQL / f"{name}.sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_returns_take_what_is_left")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
