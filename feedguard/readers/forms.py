"""What the page “Your reader” takes in."""

from __future__ import annotations

from django import forms

from feedguard.feeds.addresses import AddressRefused, check_url
from feedguard.readers.models import ReaderAccount


class AccountForm(forms.Form):
    kind = forms.ChoiceField(choices=ReaderAccount.Kind.choices)
    url = forms.CharField(max_length=1900, error_messages={"required": "Give the address of your reader."})
    user = forms.CharField(max_length=200, error_messages={"required": "Give the user name for the reader's API."})
    password = forms.CharField(
        max_length=500, strip=False, error_messages={"required": "Give the password for the reader's API."}
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip().rstrip("/")
        url = url if "://" in url else f"https://{url}"
        if self.data.get("kind") == ReaderAccount.Kind.FRESHRSS and not url.endswith("greader.php"):
            url += "/api/greader.php"
        try:
            check_url(url)
        except AddressRefused as error:
            raise forms.ValidationError(str(error)) from None
        return url
