"""A person at a browser of their own: logs in, goes to pages, fills forms in and sends them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .served import PASSWORD, PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

ZH = "zh"


@dataclass
class Person:
    """Somebody who has logged in; problems are what the browser has complained of."""

    page: "Page"
    address: str
    problems: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Go to a page; return the status of the answer."""
        answer = self.page.goto(self.address + path)
        return 0 if answer is None else answer.status

    def fill(self, **fields: str) -> None:
        """Fill in fields of the page by their names, as a person types or chooses."""
        for name, value in fields.items():
            found = self.page.locator(f"main [name='{name}']")
            kind = found.first.evaluate("e => e.type")
            if kind in ("radio", "checkbox"):
                self.page.check(f"main [name='{name}'][value='{value}']")
            elif kind.startswith("select"):
                found.select_option(value)
            else:
                found.fill(value)

    def press(self, button: str = "main form[method=post] button.btn-primary") -> str:
        """Press a button and wait for the page that comes; return its text."""
        with self.page.expect_navigation():
            self.page.locator(button).first.click()
        return self.text

    def send(self, path: str, **fields: str) -> str:
        """Go to a page, fill its form in and send it; return the text of the page that comes."""
        assert self.go(path) == 200, f"{path}: {self.text}"
        self.fill(**fields)
        return self.press()

    @property
    def text(self) -> str:
        """What can be read on the page."""
        return self.page.locator("main").inner_text()


def log_in(
    browser: "Browser", address: str, person: str, language: str, *, width: int = 1280, password: str = PASSWORD
) -> Person:
    """Let somebody log in at a browser of their own, in a language."""
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.set_default_navigation_timeout(PATIENCE * 1000)
    found = Person(page, address)
    page.on("console", lambda said: found.problems.append(said.text) if is_problem(said) else None)
    page.on("pageerror", lambda error: found.problems.append(str(error)))
    page.goto(f"{address}/accounts/login/")
    if language == ZH:
        with page.expect_navigation():
            page.click("button[value=zh-hans]")
    page.fill("[name=login]", person)
    page.fill("[name=password]", password)
    with page.expect_navigation():
        page.click("main button[type=submit], main form button")
    assert page.locator("html").get_attribute("lang") == ("zh-Hans" if language == ZH else "en")
    return found


def is_problem(said: "ConsoleMessage") -> bool:
    """Return whether the browser complains; that a check as one types was overtaken by the next is none."""
    return said.type == "error" and not said.text.startswith(("htmx:afterRequest", "htmx:sendAbort"))
