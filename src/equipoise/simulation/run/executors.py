"""Who does the work: this process, a pool of processes, or the workers of a Dask cluster.

All are `concurrent.futures.Executor`s. A pool whose worker dies is made anew and the lost pieces are done again; a
Dask scheduler does the same for its workers.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from ...errors import DataError

SECONDS_TO_ANSWER = 10


class InThisProcess(Executor):
    """Does each piece of work when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do the work and return what it gave, or the error that it raised."""
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future carries any error to who asks for the result
            done.set_exception(error)
        return done


@contextmanager
def open_executor(workers: int, cluster: str | None) -> Iterator[Executor]:
    """Open the executor; raises DataError where the cluster does not answer or Dask is not installed."""
    if cluster is not None:
        with _open_cluster(cluster) as executor:
            yield executor
    elif workers == 1:
        yield InThisProcess()
    else:
        # processes that are forked would inherit the locks of polars' threads, and wait for them for ever
        fresh = get_context("spawn")
        with ProcessPoolExecutor(workers, fresh, initializer=_leave_interrupts_to_the_parent) as pool:
            try:
                yield pool
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _open_cluster(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError as error:
        raise DataError(
            "a cluster needs Dask: install equipoise with its extra, pip install 'equipoise[cluster]'. "
            f"Got --cluster {address}"
        ) from error
    try:
        client: Any = Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise DataError(
            f"no Dask scheduler answers there within {SECONDS_TO_ANSWER} s; give the address that it prints, "
            f"such as tcp://127.0.0.1:8786. Got --cluster {address}"
        ) from error
    with client:
        yield client.get_executor(pure=False)
