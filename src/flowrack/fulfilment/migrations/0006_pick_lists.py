"""Pick lists: waves become walks of one person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_packing"),
        ("fulfilment", "0005_cartons"),
        ("locations", "0005_beams"),
        ("sales", "0018_latest_day_never_before"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PickListTote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.IntegerField(help_text="1 is A")),
                (
                    "is_bound",
                    models.BooleanField(db_default=False, default=False, help_text="the tote stands on a cart at work"),
                ),
                ("is_full", models.BooleanField(db_default=False, default=False)),
            ],
        ),
        migrations.CreateModel(
            name="PickListWalk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("method", models.CharField(max_length=16)),
                ("mm", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="PickPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("method", models.CharField(db_default="cluster", default="cluster", max_length=8)),
                (
                    "positions",
                    models.IntegerField(db_default=8, default=8, help_text="orders on a cart, each with its tote"),
                ),
                ("max_lines", models.IntegerField(db_default=60, default=60)),
                ("max_volume_ml", models.BigIntegerField(help_text="empty = no limit", null=True)),
                ("max_weight_g", models.BigIntegerField(help_text="empty = no limit", null=True)),
                ("scan_bin", models.BooleanField(db_default=False, default=False)),
                ("scan_item", models.BooleanField(db_default=True, default=True)),
                ("scan_lot", models.BooleanField(db_default=False, default=False)),
                (
                    "scan_qty",
                    models.BooleanField(
                        db_default=False, default=False, help_text="each scan counts one unit or one pack"
                    ),
                ),
                ("scan_tote", models.BooleanField(db_default=True, default=True)),
                (
                    "aisle_limit",
                    models.IntegerField(db_default=0, default=0, help_text="people in one aisle; 0 = any number"),
                ),
                ("lease_minutes", models.IntegerField(db_default=60, default=60)),
            ],
        ),
        migrations.AddField(
            model_name="pickline",
            name="place",
            field=models.IntegerField(default=1, help_text="walking order within the list"),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="Cart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20, unique=True)),
                ("positions", models.IntegerField()),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.site",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PickList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("method", models.CharField(max_length=8)),
                ("unit_kind", models.CharField(max_length=6)),
                ("state", models.CharField(db_default="open", default="open", max_length=9)),
                ("why", models.CharField(help_text="why these picks are one list", max_length=200)),
                ("due_on", models.DateField(help_text="the first day on which one of its orders has to leave")),
                (
                    "due_at",
                    models.DateTimeField(help_text="when its carrier is to be loaded, where that is known", null=True),
                ),
                ("first_sequence", models.BigIntegerField(default=0, help_text="place of its first bin in the walk")),
                ("lines", models.IntegerField(help_text="picks when it was made")),
                ("weight_g", models.BigIntegerField(default=0, help_text="of what was measured")),
                ("volume_ml", models.BigIntegerField(default=0, help_text="of what was measured")),
                (
                    "walk_method",
                    models.CharField(default="", help_text="how the walk was found; empty = bin order", max_length=16),
                ),
                ("walk_mm", models.BigIntegerField(help_text="length of the walk; empty = not measured", null=True)),
                ("device", models.CharField(db_default="", default="", max_length=80)),
                ("taken_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(help_text="when it was first taken", null=True)),
                ("last_pick_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "cart",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fulfilment.cart",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="where what is picked is brought",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.location",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.site",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "wave",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lists",
                        to="fulfilment.wave",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="locations.zone",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="pickline",
            name="pick_list",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="fulfilment.picklist",
            ),
        ),
        migrations.AddIndex(
            model_name="pickline",
            index=models.Index(fields=["pick_list", "place"], name="pick_of_list"),
        ),
        migrations.AddField(
            model_name="picklisttote",
            name="order",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                help_text="empty = goods of all orders of the list",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sales.order",
            ),
        ),
        migrations.AddField(
            model_name="picklisttote",
            name="pick_list",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="totes",
                to="fulfilment.picklist",
            ),
        ),
        migrations.AddField(
            model_name="picklisttote",
            name="tote",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                help_text="empty = no tote stands there yet",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.lpn",
            ),
        ),
        migrations.AddField(
            model_name="picklistwalk",
            name="pick_list",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="walks",
                to="fulfilment.picklist",
            ),
        ),
        migrations.AddField(
            model_name="pickpolicy",
            name="consolidation",
            field=models.ForeignKey(
                db_index=False,
                help_text="where the parts of an order that several zones pick come together",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.location",
            ),
        ),
        migrations.AddField(
            model_name="pickpolicy",
            name="site",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="locations.site"
            ),
        ),
        migrations.AddField(
            model_name="pickpolicy",
            name="zone",
            field=models.ForeignKey(
                db_index=False,
                help_text="empty = site",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.zone",
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.CheckConstraint(
                condition=models.Q(("positions__gte", 1), ("positions__lte", 26)), name="cart_has_positions"
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[A-Z0-9][A-Z0-9._-]*$")), name="cart_code_upper"
            ),
        ),
        migrations.AddIndex(
            model_name="picklist",
            index=models.Index(fields=["wave", "id"], name="pick_list_of_wave"),
        ),
        migrations.AddIndex(
            model_name="picklist",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "taken", "parked"])),
                fields=["site", "due_on", "first_sequence"],
                name="pick_list_to_do",
            ),
        ),
        migrations.AddIndex(
            model_name="picklist",
            index=models.Index(
                condition=models.Q(("state", "done")), fields=["finished_at"], name="pick_list_finished"
            ),
        ),
        migrations.AddConstraint(
            model_name="picklist",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "taken", "parked", "done", "cancelled"])),
                name="pick_list_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="picklist",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["discrete", "cluster", "batch", "zone"])),
                name="pick_list_method_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="picklist",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit_kind__in", ["pallet", "case", "each"])), name="pick_list_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="picklist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "taken"), _negated=True),
                    models.Q(("lease_until__isnull", False), ("taken_by__isnull", False)),
                    _connector="OR",
                ),
                name="pick_list_taken_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="picklist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True), ("finished_at__isnull", False), _connector="OR"
                ),
                name="pick_list_done_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="picklisttote",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_full", False)), fields=("pick_list", "position"), name="tote_position_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="picklisttote",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_bound", True)), fields=("tote",), name="tote_on_one_cart"
            ),
        ),
        migrations.AddConstraint(
            model_name="picklisttote",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_bound", False), ("tote__isnull", False), _connector="OR"),
                name="tote_bound_is_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="picklisttote",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 1), ("position__lte", 26)), name="tote_position_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="picklistwalk",
            constraint=models.UniqueConstraint(fields=("pick_list", "method"), name="pick_list_walk_once"),
        ),
        migrations.AddConstraint(
            model_name="picklistwalk",
            constraint=models.CheckConstraint(condition=models.Q(("mm__gte", 0)), name="pick_list_walk_positive"),
        ),
        migrations.AddConstraint(
            model_name="pickpolicy",
            constraint=models.UniqueConstraint(fields=("site", "zone"), name="pick_policy_once", nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name="pickpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["discrete", "cluster", "batch", "zone"])),
                name="pick_policy_method_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("aisle_limit__gte", 0),
                    ("max_lines__gte", 1),
                    ("positions__gte", 1),
                    ("positions__lte", 26),
                    ("lease_minutes__gte", 1),
                    ("lease_minutes__lte", 1440),
                    models.Q(("max_volume_ml", None), ("max_volume_ml__gt", 0), _connector="OR"),
                    models.Q(("max_weight_g", None), ("max_weight_g__gt", 0), _connector="OR"),
                ),
                name="pick_policy_positive",
            ),
        ),
    ]
