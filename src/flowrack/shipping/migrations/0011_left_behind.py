"""What was not staged when its truck closed is kept too, and the day on which what stayed leaves instead."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shipping", "0010_messages_on_their_way")]

    operations = [
        migrations.AddField(
            model_name="loadbehind",
            name="is_staged",
            field=models.BooleanField(
                db_default=True, default=True, help_text="else still to be picked, or on its way"
            ),
        ),
        migrations.AddField(
            model_name="loadbehind",
            name="promised_on",
            field=models.DateField(help_text="the day on which the order was to leave; empty = no promise", null=True),
        ),
        migrations.AddField(
            model_name="loadbehind",
            name="next_on",
            field=models.DateField(
                help_text="when it leaves instead, as the truck closed; empty = nobody knows", null=True
            ),
        ),
        migrations.AddField(
            model_name="loadbehind",
            name="arrives_on",
            field=models.DateField(help_text="when it arrives then", null=True),
        ),
        migrations.RemoveConstraint(model_name="loadbehind", name="load_behind_once"),
        migrations.AddConstraint(
            model_name="loadbehind",
            constraint=models.UniqueConstraint(fields=("load", "order", "lpn", "is_staged"), name="load_behind_once"),
        ),
        migrations.AddConstraint(
            model_name="loadbehind",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_staged", True), models.Q(("lpn", 0), ("order__isnull", False)), _connector="OR"
                ),
                name="load_behind_not_staged_is_of_an_order",
            ),
        ),
    ]
