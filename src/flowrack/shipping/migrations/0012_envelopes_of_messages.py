"""An EDI 856 keeps the ids of its envelope, so that a 997 is matched by what was sent. Older ones are read for theirs."""

from django.db import migrations, models

TEXT = {"db_default": "", "default": ""}


class Migration(migrations.Migration):
    dependencies = [("shipping", "0011_left_behind")]

    operations = [
        migrations.AddField(
            model_name="noticemessage",
            name="sender",
            field=models.CharField(help_text="our id in its envelope", max_length=15, **TEXT),
        ),
        migrations.AddField(
            model_name="noticemessage",
            name="sender_qualifier",
            field=models.CharField(max_length=2, **TEXT),
        ),
        migrations.AddField(
            model_name="noticemessage",
            name="receiver",
            field=models.CharField(help_text="the customer's id in its envelope", max_length=15, **TEXT),
        ),
        migrations.AddField(
            model_name="noticemessage",
            name="receiver_qualifier",
            field=models.CharField(max_length=2, **TEXT),
        ),
        migrations.RunSQL(
            """
            UPDATE shipping_noticemessage
            SET sender_qualifier = split_part(content, '*', 6), sender = rtrim(split_part(content, '*', 7)),
                receiver_qualifier = split_part(content, '*', 8), receiver = rtrim(split_part(content, '*', 9))
            """,
            migrations.RunSQL.noop,
        ),
    ]
