"""The addresses of the pages of data quality."""

from django.urls import path

from . import coding, dashboard, lists, queries, review, trail, verification

urlpatterns = [
    path("quality/", dashboard.page, name="completeness"),
    path("quality/lacking/<str:number>/", dashboard.lacking, name="lacking"),
    path("quality/queries/", queries.page, name="queries"),
    path("quality/queries/<str:number>/ask/", queries.ask, name="raise_query"),
    path("quality/queries/<str:number>/<str:name>/", queries.query, name="query"),
    path("quality/verification/", verification.page, name="verification"),
    path("quality/verification/<str:number>/", verification.verify, name="verify"),
    path("quality/review/", review.page, name="review"),
    path("quality/deviations/", lists.deviations, name="deviations"),
    path("quality/late/", lists.delayed, name="late_entries"),
    path("quality/twice/", lists.twice, name="double_entry"),
    path("quality/reconciliation/", lists.reconciliation, name="reconciliation"),
    path("quality/coding/<str:kind>/", coding.page, name="coding"),
    path("quality/coding/<str:kind>/dictionary/", coding.dictionary, name="dictionary"),
    path("trail/", trail.page, name="trail"),
]
