from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from feedguard.accounts import views

urlpatterns = [
    path(
        "sign-in",
        login_not_required(
            auth_views.LoginView.as_view(template_name="accounts/sign_in.html", redirect_authenticated_user=True)
        ),
        name="sign_in",
    ),
    path("sign-in/<str:token>", views.sign_in_link, name="sign_in_link"),
    path("sign-out", auth_views.LogoutView.as_view(), name="sign_out"),
]
