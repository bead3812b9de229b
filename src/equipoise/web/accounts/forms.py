"""The form to log in."""

from typing import Any

from allauth.account.forms import LoginForm

from ..words import say


class LogIn(LoginForm):  # type: ignore[misc]
    """Short name and password, in the words of the trial."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["login"].label = say("Short name")
        self.fields["password"].label = say("Password")
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"
            field.widget.attrs.pop("placeholder", None)
