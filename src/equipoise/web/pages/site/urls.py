"""The addresses of the pages of a site."""

from django.urls import path

from . import form, participant, participants, work

urlpatterns = [
    path("", work.page, name="work"),
    path("participants/", participants.page, name="participants"),
    path("participants/screen/", participants.screen, name="screen"),
    path("participants/<str:number>/", participant.page, name="participant"),
    path("participants/<str:number>/visit/", participant.hold_visit, name="hold_visit"),
    path("participants/<str:number>/consent/", participant.sign_consent, name="sign_consent"),
    path("participants/<str:number>/randomise/", participant.randomise, name="randomise"),
    path("participants/<str:number>/forms/<str:form>/<str:visit>/<int:repeat>/", form.page, name="form"),
    path(
        "participants/<str:number>/forms/<str:form>/<str:visit>/<int:repeat>/check/", form.check, name="check_form"
    ),
    path(
        "participants/<str:number>/forms/<str:form>/<str:visit>/<int:repeat>/history/<str:item>/",
        form.history,
        name="history",
    ),
]
