"""One thread for many small matrices: where a fit multiplies them by the thousand, more threads only wait.

OpenBLAS and MKL start threads for matrices that are too small to be worth it; on a busy machine a fit then takes
ten times as long. Checked by `benchmarks/mmrm.py`.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def on_one_thread(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run a function with one thread of linear algebra, and give back what there was before."""

    @wraps(function)
    def limited(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with _libraries().limit(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited


@cache
def _libraries() -> ThreadpoolController:
    # both numpy and scipy bring a library of linear algebra; it must be there to be found
    import scipy.linalg  # noqa: F401

    return ThreadpoolController()
