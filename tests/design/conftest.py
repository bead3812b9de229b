"""Plans in tests draw fewer trials than plans on paper; what is drawn is tested by itself."""

from collections.abc import Iterator

import pytest

from equipoise.design.options import option


@pytest.fixture(autouse=True, scope="module")
def few_trials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(option, "TRIALS", 1000)
        yield
