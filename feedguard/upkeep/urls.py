from django.urls import path

from feedguard.upkeep import views

urlpatterns = [
    path("your-data", views.your_data, name="your_data"),
    path("your-data/export", views.export, name="export"),
    path("your-data/export/<uuid:job_id>", views.download, name="download_export"),
    path("your-data/erase", views.erase, name="erase"),
]
