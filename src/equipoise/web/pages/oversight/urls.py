"""The addresses of the pages of oversight."""

from django.urls import path

from . import board, cases, closing, exports, figures, listings, safety

urlpatterns = [
    path("safety/", safety.page, name="safety"),
    path("safety/enrolment/", safety.enrolment, name="enrolment"),
    path("safety/board/", board.page, name="board"),
    path("safety/<str:number>/", cases.page, name="case"),
    path("safety/<str:number>/report/", cases.report, name="case_report"),
    path("statistics/", figures.page, name="figures"),
    path("statistics/figures/<str:name>.svg", figures.drawing, name="figure"),
    path("statistics/listings/", listings.page, name="listings"),
    path("statistics/exports/", exports.page, name="exports"),
    path("work/<str:name>/", exports.job, name="job"),
    path("work/<str:name>/file/", exports.file, name="job_file"),
    path("closing/", closing.page, name="closing"),
]
