"""Questions to the planner."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import flowrack.platform.fields


def _named(model: str, *, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=model,
    )


def _user(*, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("promise", "0003_quotes_extended"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlannerQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("units", flowrack.platform.fields.UnitsField()),
                ("wanted_on", models.DateField(null=True)),
                ("note", models.CharField(db_default="", default="", max_length=500)),
                ("told", models.TextField(help_text="the answer that was there, an option in each line")),
                ("state", models.CharField(max_length=10)),
                ("asked_at", models.DateTimeField()),
                ("answer", models.CharField(db_default="", default="", max_length=1000)),
                ("ended_at", models.DateTimeField(null=True)),
                ("asked_by", _user()),
                ("customer", _named("parties.party", null=True)),
                ("ended_by", _user(null=True)),
                ("item", _named("catalog.item")),
                ("site", _named("locations.site")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(units__gt=0), name="promise_question_units"),
                    models.CheckConstraint(
                        condition=Q(state="open", ended_at=None, ended_by=None, answer="")
                        | (Q(state="answered", ended_at__isnull=False, ended_by__isnull=False) & ~Q(answer=""))
                        | Q(state="withdrawn", ended_at__isnull=False, ended_by__isnull=False, answer=""),
                        name="promise_question_ends_once",
                    ),
                ],
                "indexes": [
                    models.Index(condition=Q(state="open"), fields=["site"], name="promise_question_open"),
                    models.Index(fields=["asked_by", "-id"], name="promise_question_of"),
                ],
            },
        ),
    ]
