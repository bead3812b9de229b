"""The addresses of the pages of the vault."""

from functools import cache
from typing import Any

from django.urls import include, path

from . import code_break, envelopes, home, ways_in
from .oversight import keys, masked, sealed_list, trail, verification
from .pharmacy import labels, lots, order, preparations, returns, shipments, stock
from .safety import board, cases, stopping

PAGES = [
    path("code-break/", code_break.page, name="code_break"),
    path("envelopes/", envelopes.page, name="envelopes"),
    path("envelopes/opened/", envelopes.opened, name="opened_envelope"),
    path("preparations/", preparations.page, name="preparations"),
    path("preparations/<str:participant>/<str:visit>/", order.page, name="order"),
    path("preparations/<str:participant>/<str:visit>/label.pdf", labels.dose, name="dose_label"),
    path("stock/", stock.page, name="stock"),
    path("stock/labels.pdf", labels.kits, name="kit_labels"),
    path("lots/", lots.page, name="lots"),
    path("shipments/", shipments.page, name="shipments"),
    path("returns/", returns.page, name="returns"),
    path("cases/", cases.page, name="cases"),
    path("cases/<str:participant>/<str:authority>/", cases.case, name="case"),
    path("cases/<str:participant>/<str:authority>/blinded.pdf", cases.blinded, name="blinded_case"),
    path("stopping/", stopping.page, name="stopping"),
    path("board/", board.page, name="board"),
    path("board/progress/", board.progress, name="board_progress"),
    path("board/report.pdf", board.report, name="closed_report"),
    path("record/", trail.page, name="trail"),
    path("masked/", masked.page, name="masked"),
    path("verification/", verification.page, name="verification"),
    path("list/", sealed_list.page, name="sealed_list"),
    path("ways-in/", ways_in.page, name="ways_in"),
    path("keys/", keys.page, name="keys"),
]
"""The pages, each for the roles that may ask the vault for what it shows."""

urlpatterns = [
    path("", include("equipoise.web.shell.account_urls")),
    path("", home.page, name="home"),
    *PAGES,
]

handler403 = "equipoise.web.shell.views.refused"
handler404 = "equipoise.web.shell.views.not_found"
handler500 = "equipoise.web.shell.views.failed"


@cache
def roles_of_page(name: str) -> tuple[str, ...]:
    """Return the roles that may see a page, by its name; KeyError for a page that has no roles."""
    pages: dict[str | None, Any] = {one.name: one.callback for one in PAGES}
    return tuple(pages[name].roles)
