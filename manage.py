#!/usr/bin/env python
"""Django's own command line; the embedded database runs for as long as the command needs it."""

import os
import sys
from contextlib import nullcontext

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowrack.config.settings")
    from django.conf import settings

    from flowrack.platform import embedded

    with nullcontext() if os.environ.get("DATABASE_URL") else embedded.running(settings.HOME):
        execute_from_command_line(sys.argv)
