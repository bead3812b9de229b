"""The forms to log in: name and password, then a one-time code."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from ...errors import DecisionRefused
from ...trial.signing.credentials import has_password
from ..shell.trial import running
from ..words import say
from .codes import take_code
from .models import Account


class LogIn(LoginForm):  # type: ignore[misc]
    """Short name and password, in the words of the trial."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["login"].label = say("Short name")
        self.fields["password"].label = say("Password")
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"
            field.widget.attrs.pop("placeholder", None)

    def clean(self) -> Any:
        """Log in; who has a password gets an account at each portal when it is first typed there."""
        person = str(self.cleaned_data.get("login", ""))
        if person and has_password(running().folder.credentials, person):
            Account.objects.of(person)
        return super().clean()


class LogInByCode(AuthenticateForm):  # type: ignore[misc]
    """The one-time code after the password; wrong ones are counted."""

    def clean_code(self) -> str:
        """Use the code up."""
        return _taken(self)


class ProveByCode(ReauthenticateForm):  # type: ignore[misc]
    """The one-time code of who is in already and does something that needs one more proof."""

    def clean_code(self) -> str:
        """Use the code up."""
        return _taken(self)


def _taken(form: Any) -> str:
    code = str(form.cleaned_data["code"])
    try:
        form.authenticator = take_code(form.user, code)
    except DecisionRefused as refused:
        raise ValidationError(str(refused)) from refused
    return code


def typed_name(request: HttpRequest, _credentials: object = None) -> str:
    """Return the short name that was typed, by which wrong tries are counted: each person's apart."""
    return str(request.POST.get("login", ""))
