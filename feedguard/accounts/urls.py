from django.contrib.auth import views as auth_views
from django.urls import path

from feedguard.accounts import views

urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign_in"),
    path("sign-in/<str:token>", views.sign_in_link, name="sign_in_link"),
    path("join/<str:token>", views.join, name="join"),
    path("sign-out", auth_views.LogoutView.as_view(), name="sign_out"),
]
