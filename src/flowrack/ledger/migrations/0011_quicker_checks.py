"""Checks that say the same in fewer words: PostgreSQL reads the text of a check anew for every statement."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Least
from django.db.models.lookups import GreaterThanOrEqual

COUNTED = (
    "receiving",
    "inspection",
    "quarantine",
    "reserve",
    "forward_pick",
    "staged",
    "in_transit",
    "return_review",
    "damaged",
    "hold",
    "expired",
    "committed",
)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0010_batches_of_arrays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RemoveConstraint("cell", "cell_state_iff_physical"),
        migrations.AddConstraint(
            "cell",
            models.CheckConstraint(
                name="cell_state_iff_physical",
                condition=Q(is_virtual=True, state="") | (Q(is_virtual=False) & ~Q(state="")),
            ),
        ),
        migrations.RemoveConstraint("pool", "pool_never_negative"),
        migrations.AddConstraint(
            "pool",
            models.CheckConstraint(name="pool_never_negative", condition=GreaterThanOrEqual(Least(*COUNTED), 0)),
        ),
        migrations.AlterField(
            "posting",
            "actor",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
