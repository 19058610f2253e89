"""Pages of waves: planner, plans, board, templates, penalties and people."""

from __future__ import annotations

from flowrack.waves.pages import plans, setup

urlpatterns = [*plans.urlpatterns, *setup.urlpatterns]
NAV = [*plans.NAV, *setup.NAV]
