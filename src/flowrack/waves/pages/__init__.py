"""Pages of waves: planner, plans, board, templates, penalties and people."""

from __future__ import annotations

from flowrack.waves.pages import board, plans, setup

urlpatterns = [*plans.urlpatterns, *board.urlpatterns, *setup.urlpatterns]
NAV = [*plans.NAV, *board.NAV, *setup.NAV]
