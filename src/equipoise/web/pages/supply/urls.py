"""The addresses of the pages of blinded supply."""

from django.urls import path

from . import checking, excursion, receipt, returning, stock

urlpatterns = [
    path("supply/", stock.page, name="supply"),
    path("supply/received/<path:shipment>/", receipt.page, name="receive_shipment"),
    path("supply/excursion/", excursion.page, name="report_excursion"),
    path("supply/returns/", returning.page, name="return_kits"),
    path("supply/check/<str:number>/<path:order>/", checking.page, name="check_preparation"),
]
