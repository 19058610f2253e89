"""What was released of an invoice, and by whom charges were accepted: of what is approved already, what is payable."""

from django.db import migrations, models
from django.db.models import Q

import flowrack.platform.fields

RELEASED = """
    UPDATE freight_invoice i SET released = (
        SELECT coalesce(sum(CASE WHEN x.state IN ('matched', 'accepted') THEN x.billed
                                 ELSE least(x.billed, x.expected) END), 0)
        FROM freight_charge x WHERE x.invoice_id = i.id)
    WHERE i.state = 'approved'
"""


class Migration(migrations.Migration):
    dependencies = [("freight", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="released",
            field=flowrack.platform.fields.MoneyField(
                decimal_places=4, help_text="for payment, by whoever approved it", max_digits=20, null=True
            ),
        ),
        migrations.AddField(
            model_name="charge",
            name="is_high",
            field=models.BooleanField(db_default=False, default=False, help_text="by one whom the limit does not bind"),
        ),
        migrations.RunSQL(RELEASED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=Q(state="approved", released__gte=0) | (~Q(state="approved") & Q(released=None)),
                name="freight_invoice_released",
            ),
        ),
    ]
