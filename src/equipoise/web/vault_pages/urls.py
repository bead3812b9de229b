"""The addresses of the pages of the vault."""

from django.urls import include, path

from . import code_break, home

urlpatterns = [
    path("", include("equipoise.web.shell.account_urls")),
    path("", home.page, name="home"),
    path("code-break/", code_break.page, name="code_break"),
]

handler403 = "equipoise.web.shell.views.refused"
handler404 = "equipoise.web.shell.views.not_found"
handler500 = "equipoise.web.shell.views.failed"
