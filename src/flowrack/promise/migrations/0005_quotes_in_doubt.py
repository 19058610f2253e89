"""An open quote says that its days cannot be kept any more, since when, and when all of it can leave then."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("promise", "0004_planner_questions")]

    operations = [
        migrations.AddField(
            model_name="quote",
            name="doubt",
            field=models.CharField(
                db_default="", default="", help_text="why it cannot be kept any more", max_length=400
            ),
        ),
        migrations.AddField(
            model_name="quote",
            name="can_ship_on",
            field=models.DateField(help_text="when all of it can leave then", null=True),
        ),
        migrations.AddField(
            model_name="quote",
            name="doubted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(("can_ship_on", None), ("doubt", ""), ("doubted_at", None))
                | (~models.Q(("doubt", "")) & models.Q(("doubted_at__isnull", False))),
                name="quote_doubt_says_when",
            ),
        ),
    ]
