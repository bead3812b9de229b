"""Installation qualification: what is installed is what was delivered, on a machine and a database that serve."""

import base64
import hashlib
import os
import platform
import shutil
import sys
import tempfile
import time
import zoneinfo
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from psycopg import Connection
from psycopg.rows import TupleRow

from ...errors import EquipoiseError
from ...protocol import protocol_version, read_protocol
from ...protocol.read import SHIPPED
from ...report.evidence import CheckFailed, NotExercised
from ...report.language import chinese
from ...standards.fonts import FONT_FOLDER

PACKAGE = "equipoise"
LEAST_FREE = 2 * 1024**3
"""Bytes that must be free where the trial's data lie (assumed)."""

MOST_OFF = 2.0
"""Seconds by which the clocks of machine and database may differ (assumed)."""

SETTINGS = {"fsync": "on", "full_page_writes": "on", "server_encoding": "UTF8"}
"""What a database must be set to, so that what was acknowledged survives a loss of power."""

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")


@dataclass(frozen=True)
class Installation:
    """The tests of the installation; `folder` is where data lie, `connect` connects as the role of conduct."""

    folder: Path
    connect: Callable[[], Connection[TupleRow]]

    def check_python(self) -> Mapping[str, object]:
        """Compare the version of Python with the one that the package asks for."""
        wanted = distribution(PACKAGE).metadata["Requires-Python"]
        found = platform.python_version()
        if not SpecifierSet(wanted).contains(found, prereleases=True):
            raise CheckFailed(f"Python must be {wanted}. Got {found}")
        return {
            "Python": f"{found} ({platform.python_implementation()})",
            "wanted": wanted,
            "operating system": platform.platform(),
            "machine": platform.machine(),
            "interpreter": Path(sys.executable).name,
        }

    def check_packages(self) -> Mapping[str, object]:
        """Compare the version of every package with the one that is declared."""
        found, wrong = {PACKAGE: version(PACKAGE)}, []
        for wanted in declared(distribution(PACKAGE)):
            try:
                found[wanted.name] = version(wanted.name)
            except PackageNotFoundError:
                wrong.append(f"{wanted} is not installed")
                continue
            if not wanted.specifier.contains(found[wanted.name], prereleases=True):
                wrong.append(f"{wanted} is wanted. Got {found[wanted.name]}")
        if wrong:
            raise CheckFailed("; ".join(wrong))
        return found

    def check_own_files(self) -> Mapping[str, object]:
        """Compute the hash of every file of Equipoise, and compare with the list that it was delivered with."""
        found = distribution(PACKAGE)
        if '"editable":true' in (found.read_text("direct_url.json") or "").replace(" ", ""):
            raise NotExercised(
                "Equipoise runs from a folder of sources, which comes with no list of hashes to compare with; the "
                f"SHA-256 over all its files is {hash_tree(Path(__file__).parents[2])}"
            )
        return {"files as delivered": compare_files(found), "version": found.version}

    def check_files_of_packages(self) -> Mapping[str, object]:
        """Compute the hash of every file of the packages that are declared, and compare with their lists."""
        wanted = declared(distribution(PACKAGE))
        return {one.name: f"{compare_files(distribution(one.name))} files as delivered" for one in wanted}

    def check_database(self) -> Mapping[str, object]:
        """Read the version and the settings of the database, as the role of conduct."""
        with closing(self.connect()) as connection:
            major = connection.info.server_version // 10_000
            row = connection.execute("SELECT version()").fetchone()
            names = (*SETTINGS, "synchronous_commit", "data_checksums", "TimeZone")
            found = {name: setting(connection, name) for name in names}
        wanted = ((name, value) for name, value in SETTINGS.items() if found[name] != value)
        wrong = [f"{name} must be {value}. Got {found[name]}" for name, value in wanted]
        if found["synchronous_commit"] == "off":
            wrong.append("synchronous_commit must not be off")
        if major < 15:
            wrong.append(f"PostgreSQL must be 15 or newer. Got {major}")
        if wrong:
            raise CheckFailed("; ".join(wrong))
        return {"server": "" if row is None else str(row[0]), **found}

    def check_times(self) -> Mapping[str, object]:
        """Compare the clocks, and the zones of this machine with those of the database, on days of change."""
        with closing(self.connect()) as connection:
            before = datetime.now(UTC)
            row = connection.execute("SELECT clock_timestamp()").fetchone()
            after = datetime.now(UTC)
            off = 0.0 if row is None else (row[0] - before - (after - before) / 2).total_seconds()
            if row is None or abs(off) > MOST_OFF + (after - before).total_seconds():
                raise CheckFailed(f"the clocks of machine and database must agree to {MOST_OFF} s. Got {off:.1f}")
            for zone in ZONES:
                for moment in (datetime(2028, month, 1, tzinfo=UTC) for month in range(1, 13)):
                    query = "SELECT to_char(%s AT TIME ZONE %s, 'YYYY-MM-DD HH24:MI')"
                    told = connection.execute(query, (moment, zone)).fetchone()
                    here = f"{moment.astimezone(zoneinfo.ZoneInfo(zone)):%Y-%m-%d %H:%M}"
                    if told != (here,):
                        raise CheckFailed(f"{moment} in {zone} is {here} for Python and {told} for the database")
        return {"difference of the clocks": f"{off:.3f} s", "zones compared": ", ".join(ZONES)}

    def check_disk(self) -> Mapping[str, object]:
        """Write a file, wait until it is on disk, rename it and read it; see how much room is left."""
        free = shutil.disk_usage(self.folder).free
        if free < LEAST_FREE:
            raise CheckFailed(f"{LEAST_FREE // 1024**3} GiB must be free. Got {free / 1024**3:.1f}")
        content, times = os.urandom(65_536), []
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            for number in range(5):
                file = Path(folder) / f"{number}"
                began = time.monotonic()
                with file.open("wb") as out:
                    out.write(content)
                    out.flush()
                    os.fsync(out.fileno())
                file.replace(file.with_suffix(".kept"))
                times.append(time.monotonic() - began)
                if file.with_suffix(".kept").read_bytes() != content:
                    raise CheckFailed("a file that was written and flushed reads otherwise")
        took = sorted(times)[2] * 1000
        return {"free": f"{free / 1024**3:.1f} GiB", "time to write and flush": f"{took:.1f} ms"}

    def check_fonts(self) -> Mapping[str, object]:
        """Look for every sign of the words of the reports, in both languages, in the fonts that come with them."""
        from matplotlib.ft2font import FT2Font

        signs = {sign for pair in chinese.CHINESE.items() for text in pair for sign in text if not sign.isspace()}
        found: dict[str, object] = {"signs": len(signs)}
        lacking = set(signs)
        for file in sorted(FONT_FOLDER.glob("*.otf")):
            lacking -= {chr(code) for code in FT2Font(str(file)).get_charmap()}
            found[file.name] = hashlib.sha256(file.read_bytes()).hexdigest()
        if lacking:
            raise CheckFailed(f"no font that comes with the program has {' '.join(sorted(lacking)[:20])}")
        return found

    def check_protocols(self) -> Mapping[str, object]:
        """Read every protocol that comes with Equipoise, with all its checks."""
        found = {}
        for file in sorted(SHIPPED.glob("*.yaml")):
            try:
                found[file.stem] = protocol_version(read_protocol(str(file)))
            except EquipoiseError as error:
                raise CheckFailed(f"{file.name}: {error}") from error
        return found


def declared(package: Distribution) -> list[Requirement]:
    """Return what a package declares that it needs, without its extras."""
    wanted = [Requirement(text) for text in package.requires or ()]
    return [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]


def compare_files(package: Distribution) -> int:
    """Compare every file with the RECORD that the package was delivered with; return how many there are.

    Raises CheckFailed naming the first file that is missing or was changed.
    """
    count = 0
    for path in package.files or ():
        if path.hash is None:
            continue
        name = f"{canonicalize_name(package.name)}: {path}"
        try:
            content = Path(str(path.locate())).read_bytes()
        except OSError as error:
            raise CheckFailed(f"{name} is missing or cannot be read") from error
        digest = hashlib.new(path.hash.mode, content).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != path.hash.value:
            raise CheckFailed(f"{name} is not as it was delivered")
        count += 1
    if not count:
        raise CheckFailed(f"{package.name} comes with no list of its files")
    return count


def hash_tree(folder: Path) -> str:
    """Return the SHA-256 over the names and contents of all files of a folder, without compiled ones."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def setting(connection: Connection[TupleRow], name: str) -> str:
    """Return a setting of the database, as this session has it."""
    row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    return "" if row is None else str(row[0])
