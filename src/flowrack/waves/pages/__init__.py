"""Pages of waves: planner, plans, board, templates, penalties and people."""

from __future__ import annotations

from flowrack.waves.pages import board, moves, planner, plans, setup

urlpatterns = [*planner.urlpatterns, *plans.urlpatterns, *board.urlpatterns, *moves.urlpatterns, *setup.urlpatterns]
NAV = [*planner.NAV, *plans.NAV, *board.NAV, *setup.NAV]
