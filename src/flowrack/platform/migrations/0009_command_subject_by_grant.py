"""Which documents a command was about is append-only by grant as well as by trigger, like the command itself (0006)."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION platform_keep_append_only() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept text;
    held record;
BEGIN
    FOREACH kept IN ARRAY ARRAY['ledger_move', 'ledger_posting', 'platform_seal', 'platform_decision',
                                'platform_refusal', 'platform_commandrecord', 'platform_commandsubject'] LOOP
        CONTINUE WHEN to_regclass(kept) IS NULL;
        FOR held IN
            SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS holder
              FROM pg_class c
             CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS a
             WHERE c.oid = to_regclass(kept)
        LOOP
            EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM %s', kept, held.holder);
            -- The answer of a command is written once, after its record; its trigger sees to the once.
            IF kept = 'platform_commandrecord' AND held.holder <> 'PUBLIC' THEN
                EXECUTE format('GRANT UPDATE (result, subject) ON %I TO %s', kept, held.holder);
            -- A key check of "reverses" locks the posting that is named, for which PostgreSQL asks a right on a column.
            ELSIF kept = 'ledger_posting' AND held.holder <> 'PUBLIC' THEN
                EXECUTE format('GRANT UPDATE (id) ON %I TO %s', kept, held.holder);
            END IF;
        END LOOP;
    END LOOP;
END $$;

SELECT platform_keep_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("platform", "0008_command_subject")]
    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
