"""Whatever changes somebody's rights counts the version of rights up, in the same transaction."""

from __future__ import annotations

from django.db import migrations, models

COUNT = """
CREATE FUNCTION platform_count_rights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO platform_rightsversion (id, version) VALUES (1, 1)
        ON CONFLICT (id) DO UPDATE SET version = platform_rightsversion.version + 1;
    RETURN NULL;
END $$;

CREATE TRIGGER user_changes_rights AFTER UPDATE OF is_active OR DELETE ON platform_user
    FOR EACH STATEMENT EXECUTE FUNCTION platform_count_rights();
CREATE TRIGGER token_changes_rights
    AFTER UPDATE OF user_id, public_id, digest, scopes, site_ids, expires_at, revoked_at OR DELETE ON platform_apitoken
    FOR EACH STATEMENT EXECUTE FUNCTION platform_count_rights();
CREATE TRIGGER held_role_changes_rights AFTER INSERT OR UPDATE OR DELETE ON platform_userrole
    FOR EACH STATEMENT EXECUTE FUNCTION platform_count_rights();
CREATE TRIGGER role_changes_rights AFTER UPDATE OR DELETE ON platform_role
    FOR EACH STATEMENT EXECUTE FUNCTION platform_count_rights();
"""

DO_NOT_COUNT = """
DROP TRIGGER role_changes_rights ON platform_role;
DROP TRIGGER held_role_changes_rights ON platform_userrole;
DROP TRIGGER token_changes_rights ON platform_apitoken;
DROP TRIGGER user_changes_rights ON platform_user;
DROP FUNCTION platform_count_rights();
"""


class Migration(migrations.Migration):
    dependencies = [("platform", "0004_import_file")]

    operations = [
        migrations.CreateModel(
            name="RightsVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.CheckConstraint(name="rights_version_one_row", condition=models.Q(id=1))],
            },
        ),
        migrations.RunSQL(COUNT, DO_NOT_COUNT),
    ]
