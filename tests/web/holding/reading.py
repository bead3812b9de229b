"""A page as a browser takes it: its forms with what stands in them, its links, its text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass
class Form:
    """A form: where it goes and how, what stands in its fields, the buttons that send it.

    typed: the names of the fields that take free text. buttons: name and value, both empty for one without.
    """

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def bodies(self) -> list[dict[str, str]]:
        """Return what each button sends."""
        return [self.fields | ({name: value} if name else {}) for name, value in self.buttons or [("", "")]]


class Reading(HTMLParser):
    """Reads a page that was at an address."""

    def __init__(self, content: str, address: str = "/") -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._address = address
        self._form: Form | None = None
        self._choice = self._writing = self._option = ""
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        for name in ("href", "hx-get", "src"):
            if given.get(name):
                self.links.append(urljoin(self._address, given[name]))
        if tag == "form":
            self._form = Form(urljoin(self._address, given.get("action", "")), given.get("method", "get").lower())
            self.forms.append(self._form)
            if given.get("hx-post"):
                judged = Form(
                    urljoin(self._address, given["hx-post"]), "post", self._form.fields, self._form.typed
                )
                self.forms.append(judged)
        if self._form is not None and "disabled" not in given:
            self._take(self._form, tag, given)

    def _take(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "submit" if tag == "button" else "text")
        if tag == "button" or (tag == "input" and kind == "submit"):
            if kind != "button":
                form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and name:
            if kind in ("radio", "checkbox"):
                if "checked" in given:
                    form.fields[name] = given.get("value", "on")
            else:
                form.fields[name] = given.get("value", "")
                if kind in ("text", "search", "password"):
                    form.typed.append(name)
        elif tag == "textarea" and name:
            form.fields[name], self._writing = "", name
            form.typed.append(name)
        elif tag == "select" and name:
            self._choice = name
        elif tag == "option" and self._choice and ("selected" in given or self._choice not in form.fields):
            form.fields[self._choice] = given.get("value", "")
            self._option = "" if "value" in given else self._choice

    def handle_data(self, data: str) -> None:
        if self._writing and self._form is not None:
            self._form.fields[self._writing] += data
        elif self._option and self._form is not None:  # an option without a value says its text
            self._form.fields[self._option] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._writing = ""
        elif tag == "option":
            self._option = ""
        elif tag == "select":
            self._choice = ""
