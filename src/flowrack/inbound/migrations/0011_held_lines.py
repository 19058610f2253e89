"""Who received what is held is found by the stock itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inbound", "0010_claim_carrier")]

    operations = [
        migrations.AddIndex(
            model_name="receiptline",
            index=models.Index(
                condition=models.Q(("quality", "available"), _negated=True),
                fields=["item", "lot", "-id"],
                name="receipt_line_held",
            ),
        ),
    ]
