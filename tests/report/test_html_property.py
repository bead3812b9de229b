"""The page: valid, self-contained, every link leads somewhere, nothing is fetched."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from equipoise.analysis.result import TrialResults
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.protocol import Protocol
from equipoise.report.contents import Contents, build_contents
from equipoise.report.html import Stamp, render_html

Trial = tuple[Protocol, AnalysisData, TrialResults]
STAMP = Stamp("p" * 64, "d" * 64, "0.1.0")
VOID = {"meta", "link", "br", "hr", "img", "input", "col", "path", "rect", "use", "line", "circle"}


class Page(HTMLParser):
    """Collects ids, links and the nesting of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.tables = 0
        self.captions = 0
        self.headings: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        self.fetched += [found[name] for name in ("src", "srcset", "data", "action") if name in found]
        self.fetched += [found["href"]] if tag == "link" else []
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, f"{tag} closes something else"


@pytest.fixture(scope="module")
def html(contents: Contents) -> str:
    """The report of the small trial."""
    return render_html(contents, STAMP)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    """It parsed."""
    return Page(html)


def test_tags_nest_and_ids_are_unique(page: Page) -> None:
    assert not page.open
    assert len(page.ids) == len(set(page.ids))


def test_links_inside_the_page_resolve(page: Page) -> None:
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)
    assert len(inside) > 20


def test_links_to_files_are_to_files_that_are_written(page: Page, contents: Contents) -> None:
    written = {"report.pdf", "results.csv"}
    written |= {f"tables/{table.name}.rtf" for table in contents.tables}
    written |= {f"figures/{figure.name}.svg" for figure in contents.figures}
    written |= {s.how.records for s in contents.sections if s.how is not None}
    assert {link for link in page.links if not link.startswith("#")} <= written


def test_nothing_is_fetched(html: str, page: Page) -> None:
    assert page.fetched == []
    assert "url(" not in html.replace("url(#", "")
    namespaces = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")
    for namespace in namespaces:
        html = html.replace(namespace, "")
    assert "http" not in html


def test_every_number_leads_to_its_account_and_its_lines(html: str, contents: Contents) -> None:
    numbers = re.findall(r'<td[^>]*><a href="#(how-\w+)" tabindex="-1" title="([^"]+)">', html)
    expected = [
        cell for t in contents.tables for row in t.rows for cell in row.cells if cell.reference and cell.text
    ]
    assert len(numbers) == len(expected)
    assert all(re.search(r"results\.csv \d+", title) for _, title in numbers)


def test_accounts_name_the_set_the_estimand_and_the_records(html: str) -> None:
    account = html.split('id="how-count_ancova"')[1].split("</section>", maxsplit=1)[0]
    for words in (
        "All randomised",
        "Effect on the cell count at week 8",
        "Tablets stopped: treatment policy",
        "difference in means",
        'href="records/count_ancova.csv"',
    ):
        assert words in account


def test_tables_have_captions_and_headings_their_order(page: Page) -> None:
    assert page.tables == page.captions
    assert page.headings[0] == "h1"
    assert page.headings.count("h1") == 1
    levels = [int(heading[1]) for heading in page.headings]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_text_from_the_data_cannot_become_markup(html: str) -> None:
    assert "HEADACHE &lt;mild&gt; &amp; long" in html
    assert "<mild>" not in html


def test_versions_stand_at_the_end_and_no_folder_of_the_machine(html: str) -> None:
    assert STAMP.protocol in html
    assert STAMP.data in html
    assert "adsl.parquet (adsl)" in html
    assert "/some/where" not in html


def test_the_language_of_the_page_and_of_its_english_parts_is_set(chinese: Contents) -> None:
    text = render_html(chinese, STAMP)
    assert '<html lang="zh-Hans">' in text
    assert '<dd lang="en"><ul>' in text
    assert "受试者流程" in text


def test_what_was_not_done_is_on_the_summary(trial: Trial) -> None:
    protocol, data, results = trial
    partly = type(results)(dict(list(results.done.items())[:4]), {"count_t": "why <not>"})
    text = render_html(build_contents(protocol, data, partly), STAMP)
    summary = text.split('id="summary"')[1].split("</section>")[0]
    assert "why &lt;not&gt;" in summary
