"""What is set up once when the program starts."""

from __future__ import annotations

from django.apps import AppConfig

from flowrack.platform.web import formwords


class PlatformConfig(AppConfig):
    """The platform's application."""

    name = "flowrack.platform"

    def ready(self) -> None:
        """Let forms speak our words."""
        formwords.use()
