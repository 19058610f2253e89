"""Versions of POs; dates of their lines."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import flowrack.platform.fields


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_item_names"),
        ("purchasing", "0004_budgets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PoVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version_no", models.IntegerField()),
                ("origin", models.CharField(max_length=12)),
                ("state", models.CharField(max_length=10)),
                ("due_on", models.DateField()),
                ("supplier_reference", models.CharField(blank=True, default="", max_length=80)),
                ("note", models.TextField(blank=True, default="")),
                ("override_reason", models.CharField(blank=True, default="", max_length=200)),
                ("reason", models.CharField(default="", help_text="why it was changed", max_length=200)),
                ("content_hash", models.CharField(max_length=64)),
                ("written_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("end_reason", models.CharField(default="", max_length=400)),
            ],
        ),
        migrations.CreateModel(
            name="PoVersionLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line_no", models.IntegerField()),
                ("units", flowrack.platform.fields.UnitsField()),
                ("unit_cost", flowrack.platform.fields.UnitCostField(decimal_places=6, max_digits=20)),
                ("over_units", flowrack.platform.fields.UnitsField()),
                ("under_units", flowrack.platform.fields.UnitsField()),
                ("due_on", models.DateField(help_text="asked for")),
                ("expected_on", models.DateField(help_text="as the supplier confirmed it, else as asked for")),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="poline",
            name="po_line_units_positive",
        ),
        migrations.RemoveConstraint(
            model_name="poline",
            name="po_line_tolerances_not_negative",
        ),
        migrations.AddField(
            model_name="poline",
            name="due_on",
            field=models.DateField(null=True, help_text="asked for: the order's date unless the line has its own"),
        ),
        migrations.AddField(
            model_name="poline",
            name="expected_on",
            field=models.DateField(null=True, help_text="as the supplier confirmed it, else as asked for"),
        ),
        migrations.RunSQL(
            """
            UPDATE purchasing_poline l SET due_on = po.due_on, expected_on = po.due_on
            FROM purchasing_po po WHERE po.id = l.po_id;
            SET CONSTRAINTS ALL IMMEDIATE;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="poline",
            name="due_on",
            field=models.DateField(help_text="asked for: the order's date unless the line has its own"),
        ),
        migrations.AlterField(
            model_name="poline",
            name="expected_on",
            field=models.DateField(help_text="as the supplier confirmed it, else as asked for"),
        ),
        migrations.AddConstraint(
            model_name="poline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("units__gt", 0),
                    models.Q(
                        ("over_units", 0), ("received_units", 0), ("short_units", 0), ("under_units", 0), ("units", 0)
                    ),
                    _connector="OR",
                ),
                name="po_line_units_positive_unless_dropped",
            ),
        ),
        migrations.AddConstraint(
            model_name="poline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("over_units__gte", 0),
                    ("short_units__gte", 0),
                    ("under_units__gte", 0),
                    models.Q(("under_units__lt", models.F("units")), ("units", 0), _connector="OR"),
                ),
                name="po_line_tolerances_not_negative",
            ),
        ),
        migrations.AddField(
            model_name="poversion",
            name="decided_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="poversion",
            name="po",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="purchasing.po"
            ),
        ),
        migrations.AddField(
            model_name="poversion",
            name="written_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="poversionline",
            name="item",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"
            ),
        ),
        migrations.AddField(
            model_name="poversionline",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="purchasing.poversion",
            ),
        ),
        migrations.AddConstraint(
            model_name="poversion",
            constraint=models.UniqueConstraint(fields=("po", "version_no"), name="po_version_once_per_number"),
        ),
        migrations.AddConstraint(
            model_name="poversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")), fields=("po",), name="po_version_one_waits"
            ),
        ),
        migrations.AddConstraint(
            model_name="poversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["waiting", "approved", "rejected", "withdrawn", "replaced", "lapsed"])
                ),
                name="po_version_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="poversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin__in", ["order", "change", "confirmation"])), name="po_version_origin_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="poversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("state", "waiting")),
                    models.Q(
                        models.Q(("state", "waiting"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="po_version_decided_says_who",
            ),
        ),
        migrations.AddConstraint(
            model_name="poversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin", "order"), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="po_version_change_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="poversionline",
            constraint=models.UniqueConstraint(fields=("version", "line_no"), name="po_version_line_once"),
        ),
        migrations.AddConstraint(
            model_name="poversionline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("over_units__gte", 0), ("under_units__gte", 0), ("unit_cost__gte", 0), ("units__gte", 0)
                ),
                name="po_version_line_sensible",
            ),
        ),
    ]
