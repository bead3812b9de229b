"""The addresses of the blinded portal."""

from django.urls import include, path

urlpatterns = [
    path("", include("equipoise.web.shell.account_urls")),
    path("", include("equipoise.web.pages.organisation.urls")),
    path("", include("equipoise.web.pages.supply.urls")),
    path("", include("equipoise.web.pages.site.urls")),
    path("", include("equipoise.web.pages.quality.urls")),
    path("", include("equipoise.web.pages.oversight.urls")),
    path("api/", include("equipoise.web.api.urls")),
]

handler403 = "equipoise.web.shell.views.refused"
handler404 = "equipoise.web.shell.views.not_found"
handler500 = "equipoise.web.shell.views.failed"
