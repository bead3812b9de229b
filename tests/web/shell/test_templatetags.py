"""Days as they are echoed where they are typed, and kinds of events in words."""

from collections.abc import Callable

import pytest
from tests.web.portals import Portals

PortalsAt = Callable[..., Portals]
SAID = {"en": "Thu 05 Mar 2026", "zh": "2026年3月5日 星期四"}
UNSAID = {"en": "year-month-day", "zh": "年-月-日"}
TYPED = ("/people/of/nurse.01/", "/sites/of/01/", "/statistics/exports/", "/trail/")
"""Pages on which a day is typed."""


@pytest.mark.parametrize("language", SAID)
def test_a_day_is_echoed_with_its_weekday(portals_at: PortalsAt, language: str) -> None:
    portals = portals_at("screened", 1)
    sponsor, manager = (portals.client(person, language=language) for person in ("sponsor", "data.manager"))
    for address in TYPED:
        page = (manager if address == TYPED[2] else sponsor).get(address).content.decode()
        assert page.count('hx-get="/day/"') == page.count('aria-describedby="echo-') >= 1, address
    trail = sponsor.get("/trail/?since=2026-03-05&until=5.3.2026").content.decode()
    assert f'id="echo-since" aria-live="polite">{SAID[language]}</span>' in trail
    assert f'id="echo-until" aria-live="polite">{UNSAID[language]}</span>' in trail


@pytest.mark.parametrize(("language", "said"), [("en", "Form saved"), ("zh", "保存表单")])
def test_a_kind_of_event_is_chosen_in_words(portals_at: PortalsAt, language: str, said: str) -> None:
    page = portals_at("screened", 1).client("auditor", language=language).get("/trail/").content.decode()
    assert f'<option value="FormSaved">{said}</option>' in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["05 Mar 2026", "05 Mar 2026 14:30", "2026-03", "61.3", "°C", "cells/µL"]),
        ("zh-hans", ["2026年3月5日", "2026年3月5日 14:30", "2026-03", "61.3", "°C", "个/µL"]),
    ],
)
def test_what_is_recorded_is_shown_as_pages_show_days_and_units(
    portals_at: PortalsAt, language: str, said: list[str]
) -> None:
    portals_at("screened", 1)
    from django.utils import translation

    from equipoise.web.shell.templatetags.words import recorded, unit

    with translation.override(language):
        shown = [recorded(one) for one in ("2026-03-05", "2026-03-05T14:30", "2026-03", 61.3)]
        assert [*shown, unit("degC"), unit("cells/uL")] == said
