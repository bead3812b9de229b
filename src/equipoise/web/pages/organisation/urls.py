"""The addresses of the pages of sponsor and administrator, and the first page of everybody."""

from django.urls import path

from ..site import work
from . import amendment, auditor, home, people, person, rights, sites, standing, versions

urlpatterns = [
    path("", home.page, name="home"),
    path("today/", work.page, name="today"),
    path("people/", people.page, name="people"),
    path("people/enter/", people.enter, name="enter_person"),
    path("people/attest/", people.attest, name="attest_access"),
    path("people/of/<path:person>/grant/", person.grant, name="grant_role"),
    path("people/of/<path:person>/end/", person.end, name="end_role"),
    path("people/of/<path:person>/link/", person.link, name="give_link"),
    path("people/of/<path:person>/second-factor/", person.second_factor, name="reset_second_factor"),
    path("people/of/<path:person>/", person.page, name="person"),
    path("rights/", rights.page, name="rights"),
    path("sites/", sites.page, name="sites"),
    path("sites/open/", sites.open_new, name="open_site"),
    path("sites/of/<str:number>/", sites.one, name="site"),
    path("sites/of/<str:number>/activate/", sites.activate, name="activate_site"),
    path("sites/of/<str:number>/consent/", sites.approve, name="approve_consent"),
    path("sites/of/<str:number>/close/", sites.close, name="close_site"),
    path("versions/", versions.page, name="versions"),
    path("versions/of/<str:version>/", versions.one, name="version"),
    path("versions/amend/", amendment.page, name="amend"),
    path("versions/issue/", amendment.issue, name="issue_version"),
    path("standing/", standing.page, name="standing"),
    path("anchors/", standing.anchors, name="anchors"),
    path("auditor/", auditor.page, name="auditor_home"),
]
