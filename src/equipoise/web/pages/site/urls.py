"""The addresses of the pages of a site."""

from django.urls import path

from . import queries, work
from .form import history, masked, second
from .form import page as form
from .participant import eligibility, identity, listing, overview, randomise, signing, trail
from .steps import page as steps

_RECORD = "participants/<str:number>/forms/<str:form>/<str:visit>/<int:repeat>/"

urlpatterns = [
    path("", work.page, name="work"),
    path("site/queries/", queries.page, name="site_queries"),
    path("day/", steps.echo_day, name="echo_day"),
    path("participants/", listing.page, name="participants"),
    path("participants/screen/", listing.screen, name="screen"),
    path("participants/<str:number>/", overview.page, name="participant"),
    path("participants/<str:number>/steps/<str:step>/", steps.page, name="step"),
    path("participants/<str:number>/eligibility/", eligibility.page, name="eligibility"),
    path("participants/<str:number>/randomise/", randomise.page, name="randomise"),
    path("participants/<str:number>/sign/", signing.page, name="sign"),
    path("participants/<str:number>/identity/", identity.page, name="identity"),
    path("participants/<str:number>/history/", trail.page, name="trail"),
    path("participants/<str:number>/casebook/", trail.casebook, name="casebook"),
    path(_RECORD, form.page, name="form"),
    path(f"{_RECORD}check/", form.check, name="check_form"),
    path(f"{_RECORD}second/", second.page, name="second_entry"),
    path(f"{_RECORD}differences/", second.differences, name="differences"),
    path(f"{_RECORD}history/<str:item>/", history.page, name="history"),
    path(f"{_RECORD}vault/<str:item>/", masked.page, name="masked"),
]
