"""`python -m flowrack` is the same as `flowrack`."""

import sys

from flowrack.config.cli import main

sys.exit(main())
