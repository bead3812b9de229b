"""A run gives the same bytes whoever works on it, however often it is stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from equipoise.errors import DataError, ProtocolError, Stopped
from equipoise.simulation.run.settings import CHUNK, Settings, settings_of
from equipoise.simulation.run.simulate import Simulation, simulate

if TYPE_CHECKING:
    from distributed import LocalCluster

PROTOCOL = str(Path(__file__).parents[1] / "pages" / "trial.yaml")
"""Every process that joins in reads it, so it is a small one."""
SETTINGS = settings_of(PROTOCOL, 3, only=("count_ancova",))
TRIALS = 5 * CHUNK + 50


def run(folder: Path, **options: object) -> Simulation:
    return simulate(SETTINGS, TRIALS, folder, scenarios=("none",), **options)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a run by its name."""
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Simulation]:
    """The run in one process, at one go."""
    folder = tmp_path_factory.mktemp("alone") / "out"
    return folder, run(folder)


def test_two_workers_give_the_bytes_of_one(alone: tuple[Path, Simulation], tmp_path: Path) -> None:
    other = run(tmp_path / "out", workers=2)
    assert other.complete
    assert contents(tmp_path / "out") == contents(alone[0])
    assert other.table.equals(alone[1].table)


def test_a_stopped_run_keeps_what_is_done_and_goes_on(alone: tuple[Path, Simulation], tmp_path: Path) -> None:
    def stop_after(done: int, total: int) -> None:
        if done >= total // 3:
            raise Stopped("stopped")

    partial = run(tmp_path / "out", progress=stop_after)
    assert not partial.complete
    assert 0 < sum(partial.done.values()) < TRIALS
    assert partial.table["trials"].max() == max(partial.done.values())
    whole = run(tmp_path / "out")
    assert whole.complete
    assert contents(tmp_path / "out") == contents(alone[0])
    assert whole.table.equals(alone[1].table)


def test_a_killed_run_goes_on_to_the_same_bytes(alone: tuple[Path, Simulation], tmp_path: Path) -> None:
    folder = tmp_path / "out"
    program = (
        "from pathlib import Path; from equipoise.simulation.run.settings import settings_of; "
        "from equipoise.simulation.run.simulate import simulate; "
        f"simulate(settings_of({PROTOCOL!r}, 3, only=('count_ancova',)), {TRIALS}, Path({str(folder)!r}), "
        "scenarios=('none',))"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    wait_for(lambda: any(folder.glob("chunks/none.*.csv")), process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(contents(folder)) < len(contents(alone[0]))
    assert run(folder).table.equals(alone[1].table)
    assert {n: b for n, b in contents(folder).items() if not Path(n).name.startswith(".")} == contents(alone[0])


def wait_for(happened: object, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not happened():  # type: ignore[operator]
        assert process.poll() is None, "the process ended before it could be interrupted"
        assert time.monotonic() < end
        time.sleep(0.02)


def test_more_trials_take_up_the_chunks_there_are(alone: tuple[Path, Simulation], tmp_path: Path) -> None:
    folder = tmp_path / "out"
    simulate(SETTINGS, 2 * CHUNK, folder, scenarios=("none",))
    before = (folder / "chunks" / f"none.00000.{CHUNK}.csv").stat().st_mtime_ns
    assert run(folder).table.equals(alone[1].table)
    assert (folder / "chunks" / f"none.00000.{CHUNK}.csv").stat().st_mtime_ns == before


@pytest.fixture
def cluster() -> Iterator[tuple["LocalCluster", subprocess.Popen[bytes]]]:
    """A Dask scheduler on loopback with a worker in this process, and one in another, called `other`."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as local:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", local.scheduler_address, "--name", "other"]
        command += ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as worker:
            wait_for(lambda: "other" in local.scheduler.aliases, worker)
            yield local, worker
            worker.kill()


def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(
    alone: tuple[Path, Simulation], tmp_path: Path, cluster: tuple["LocalCluster", subprocess.Popen[bytes]]
) -> None:
    local, worker = cluster
    killed = []

    def kill_one(done: int, total: int) -> None:
        if done and not killed:  # the pieces are all handed out, half of them to the other process
            worker.kill()
            killed.append(done)

    found = run(tmp_path / "out", cluster=local.scheduler_address, progress=kill_one)
    assert killed
    assert found.complete
    assert contents(tmp_path / "out") == contents(alone[0])


def test_a_cluster_that_does_not_answer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("equipoise.simulation.run.executors.SECONDS_TO_ANSWER", 0.2)
    with pytest.raises(DataError, match=r"no Dask scheduler answers there .* Got --cluster tcp://127.0.0.1:1"):
        run(tmp_path / "out", cluster="tcp://127.0.0.1:1")


def test_a_folder_with_another_run_is_refused(alone: tuple[Path, Simulation]) -> None:
    other = Settings(SETTINGS.source, SETTINGS.name, 4, SETTINGS.only)
    with pytest.raises(DataError, match=r"holds a run with another seed; .* Got 4, there 3"):
        simulate(other, TRIALS, alone[0])


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(DataError, match="must be empty or hold a run to resume"):
        run(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


@pytest.mark.parametrize(
    ("name", "only", "scenario", "said"),
    [
        ("hucmsc_inr", (), "plannd", r"no scenario of that name; did you mean planned\?"),
        ("hucmsc_inr", ("cd4_mrmm",), "none", r"no analysis cd4_mrmm; did you mean cd4_mmrm\?"),
        ("hucmsc_inr", ("serious_km",), "none", r"serious_km cannot be simulated.*adverse event"),
        ("cdiscpilot01", (), "none", r"no assumptions.participant.*--data"),
    ],
)
def test_what_cannot_be_simulated_is_refused_before_anything_is_written(
    name: str, only: tuple[str, ...], scenario: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ProtocolError, match=said):
        simulate(settings_of(name, 1, only=only), 10, tmp_path / "out", scenarios=(scenario,))
    assert not (tmp_path / "out").exists()
