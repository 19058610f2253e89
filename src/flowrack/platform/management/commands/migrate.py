"""Django's migrate, which afterwards brings the roles in line with the code."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from flowrack.platform import sql
from flowrack.platform.migrating import few_models_drawn
from flowrack.platform.roles import sync_roles


class Command(migrate.Command):
    """Migrate, then sync the roles, unless only a part was migrated or nothing was to change."""

    def handle(self, *args: Any, **options: Any) -> None:
        with few_models_drawn():
            super().handle(*args, **options)
        partial = options.get("app_label") or options.get("plan") or options.get("check_unapplied")
        if not partial and options.get("database") == DEFAULT_DB_ALIAS and sql.fetch_value(_HAS_ROLES):
            sync_roles()


_HAS_ROLES = "SELECT to_regclass('platform_userrole') IS NOT NULL"
