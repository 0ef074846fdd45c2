"""What accounts take in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UserCreationForm

from feedguard.accounts import throttle
from feedguard.accounts.models import SCOPES, Person, check_time_zone

CLOSED = "closed"


class SignInForm(AuthenticationForm):
    """User and password, throttled by account and by address."""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username") or ""
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        self.wait = throttle.closed_for(name, address)
        if self.wait:
            raise forms.ValidationError("Too many attempts failed.", code=CLOSED)
        try:
            cleaned: dict[str, Any] = super().clean()
        except forms.ValidationError:
            throttle.failed(name, address)
            raise
        throttle.succeeded(name)
        return cleaned


class JoinForm(UserCreationForm):
    """A new account by invite."""

    time_zone = forms.CharField(max_length=64, validators=[check_time_zone], label="Time zone")

    class Meta:
        model = Person
        fields = ("username",)


class PasswordForm(PasswordChangeForm):
    """A new password, as one of several forms on a page: it does not take the focus."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)


class DeviceForm(forms.Form):
    name = forms.CharField(max_length=80, label="Name", error_messages={"required": "Give the device a name."})
    scopes = forms.MultipleChoiceField(
        choices=list(SCOPES.items()),
        error_messages={"required": "Choose at least one thing that it may do."},
    )
