"""What pages take in, with their limits."""

from __future__ import annotations

from typing import get_args

from django import forms

from feedguard.accounts.models import Person, check_time_zone
from feedguard.preferences.importing import FORMATS
from graph.bundle import MAX_BYTES
from graph.types import GuardKind, RuleKind

ACTIONS = [("hide", "hide it"), ("blur", "cover it"), ("label", "mark it")]
RULE_NAMES = {
    "word": "word", "phrase": "phrase", "regex": "expression (RE2)", "author": "author is", "source": "source is",
    "link_host": "links to a host", "link_path": "links under an address", "kind": "kind is", "length": "length in words (<N or >N)",
    "age": "age in days (>N)", "language": "language is (two letters)",
}  # fmt: skip
GUARD_NAMES = {"author": "this author", "source": "this source", "thread": "this thread"}
MAX_OPML = 5 * 1024 * 1024


class SayForm(forms.Form):
    sentence = forms.CharField(
        max_length=2000,
        error_messages={
            "required": "Say what you would rather not see.",
            "max_length": "This is %(show_value)s characters long; %(limit_value)s is the most. Say one wish at a time.",
        },
    )
    replaces = forms.CharField(max_length=36, required=False)


class RenewForm(forms.Form):
    until = forms.DateField(required=False, error_messages={"invalid": "Give a day such as 2026-12-31."})


class SourceForm(forms.Form):
    url = forms.CharField(max_length=2000, error_messages={"required": "Give the address of a site or a feed."})
    folder = forms.CharField(max_length=200, required=False)


class OpmlForm(forms.Form):
    opml = forms.FileField(error_messages={"required": "Choose an OPML file."})

    def clean_opml(self) -> bytes:
        file = self.cleaned_data["opml"]
        if file.size > MAX_OPML:
            raise forms.ValidationError("The file is larger than 5 MB. Is it an OPML file?")
        body: bytes = file.read()
        return body


class ImportForm(forms.Form):
    file = forms.FileField(error_messages={"required": "Choose a file.", "empty": "The file is empty."})
    format = forms.ChoiceField(choices=list(FORMATS.items()), required=False)

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError("The file is larger than 5 MB.")
        return file


class RuleForm(forms.Form):
    kind = forms.ChoiceField(choices=[(kind, RULE_NAMES[kind]) for kind in get_args(RuleKind)])
    value = forms.CharField(max_length=200, error_messages={"required": "Give a value for the rule."})
    action = forms.ChoiceField(choices=ACTIONS, required=False)


class GuardForm(forms.Form):
    guards = forms.ChoiceField(choices=[(k, GUARD_NAMES[k]) for k in get_args(GuardKind) if k in GUARD_NAMES])
    value = forms.CharField(max_length=500, error_messages={"required": "Say whom or what never to hide."})


class SettingsForm(forms.ModelForm):
    time_zone = forms.CharField(max_length=64, validators=[check_time_zone])
    languages = forms.CharField(max_length=80, required=False)

    class Meta:
        model = Person
        fields = ["time_zone", "languages"]

    def clean_languages(self) -> str:
        return " ".join(dict.fromkeys(self.cleaned_data["languages"].replace(",", " ").lower().split()))
