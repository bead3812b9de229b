"""The language of the parts of a page, told by their letters."""

from collections.abc import Callable

import pytest
from tests.web.portals import Portals

from equipoise.web.shell.parts import mark_parts

PortalsAt = Callable[..., Portals]

ON_A_CHINESE_PAGE = {
    "<td>Vital signs</td>": '<td lang="en">Vital signs</td>',
    '<option value="a">Pulse &amp; heart</option>': '<option value="a" lang="en">Pulse &amp; heart</option>',
    "<p>! <b>Cough</b>: at night</p>": '<p>! <b lang="en">Cough</b><span lang="en">: at night</span></p>',
    "<p>one line<br> and another </p>": (
        '<p><span lang="en">one line</span><br> <span lang="en">and another</span> </p>'
    ),
    "<td>体重 weight</td>": "<td>体重 weight</td>",
    "<td>01-001</td>": "<td>01-001</td>",
    "<td>61.3 kg</td>": "<td>61.3 kg</td>",
    "<td>A &amp; B</td>": "<td>A &amp; B</td>",
    "<code>equipoise export</code>": "<code>equipoise export</code>",
    '<button lang="en">English</button>': '<button lang="en">English</button>',
    "<label>&lt;script&gt;alert(1)&lt;/script&gt;</label>": (
        '<label lang="en">&lt;script&gt;alert(1)&lt;/script&gt;</label>'
    ),
}
ON_AN_ENGLISH_PAGE = {
    "<td>张伟</td>": '<td lang="zh-Hans">张伟</td>',
    "<li>Dr Lee (李)</li>": '<li lang="zh-Hans">Dr Lee (李)</li>',
    "<td>Vital signs</td>": "<td>Vital signs</td>",
    '<button lang="zh-Hans">中文</button>': '<button lang="zh-Hans">中文</button>',
}


@pytest.mark.parametrize("page", ON_A_CHINESE_PAGE)
def test_english_on_a_chinese_page_is_marked(page: str) -> None:
    assert mark_parts(page, "zh") == ON_A_CHINESE_PAGE[page]


@pytest.mark.parametrize("page", ON_AN_ENGLISH_PAGE)
def test_chinese_on_an_english_page_is_marked(page: str) -> None:
    assert mark_parts(page, "en") == ON_AN_ENGLISH_PAGE[page]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_marks_the_names_of_people(portals_at: PortalsAt, language: str) -> None:
    page = portals_at("screened", 1).client("sponsor", language=language).get("/people/").content.decode()
    assert ('<th scope="row"><a href="/people/of/sponsor/" lang="en">sponsor</a>' in page) == (language == "zh")
