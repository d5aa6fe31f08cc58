"""The private PostGIS cluster used where no ``DATABASE_URL`` is set: find, init, start, stop.

It listens on a unix socket only. PostgreSQL refuses to run as root, so root's clusters run as the
``postgres`` account and live where that account can read.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from filelock import FileLock

from geo_service.errors import Unavailable

DATABASE = "geo_service"
OWNER = "geo_service"

# A unix socket's address has 108 bytes; PostgreSQL appends "/.s.PGSQL.5432".
_LONGEST_SOCKET_DIRECTORY = 90

_BINARY_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)

_SAFE_OPTIONS = {"listen_addresses": "", "jit": "off", "max_connections": "120", "shared_buffers": "256MB"}
# The tests' cluster may lose its data when the machine dies, and is quicker for it.
_HASTY_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Cluster:
    """A private cluster's home folder.

    Parameters
    ----------
    home : Path
        Holds ``pgdata``, the log and the lock.
    hasty : bool
        No fsync: for tests only.
    """

    home: Path
    hasty: bool = False

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "pgdata"

    @property
    def socket(self) -> Path:
        """The folder of the unix socket: the home itself unless its path is too long for one."""
        if len(os.fsencode(self.home)) <= _LONGEST_SOCKET_DIRECTORY:
            return self.home
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"geo-service-{name}"

    def url(self, database: str = DATABASE) -> str:
        """SQLAlchemy address of one of the cluster's databases."""
        return f"postgresql+psycopg2://{OWNER}@/{database}?host={quote(str(self.socket), safe='')}"


def find_binaries() -> Path:
    """The folder of the newest PostgreSQL that has PostGIS.

    Raises
    ------
    Unavailable
        When there is none.
    """
    folders = [Path(folder) for folder in (os.environ.get("PG_BINDIR"),) if folder]
    for pattern in _BINARY_FOLDERS:
        folders += sorted(Path("/").glob(pattern.lstrip("/")), key=_version_key, reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and _has_postgis(folder):
            return folder
    raise Unavailable("database.no_postgis")


def _version_key(folder: Path) -> list[int]:
    digits = "".join(c if c.isdigit() else " " for c in str(folder)).split()
    return [int(part) for part in digits]


def _has_postgis(folder: Path) -> bool:
    version = folder.parent.name
    shares = (
        Path("/usr/share/postgresql") / version,
        folder.parent / "share/postgresql",
        folder.parent / "share",
    )
    return any((share / "extension/postgis.control").exists() for share in shares)


def start(cluster: Cluster) -> str:
    """Make the cluster if need be, start it unless it runs, and return its address.

    Raises
    ------
    Unavailable
        When PostgreSQL is missing or does not start; the sentence carries its last words.
    """
    binaries = find_binaries()
    with _locked(cluster):
        if not (cluster.data / "PG_VERSION").exists():
            _init(cluster, binaries)
        if not _is_running(cluster, binaries):
            _launch(cluster, binaries)
        _create_database(cluster)
    return cluster.url()


def stop(cluster: Cluster) -> bool:
    """Stop the cluster; False where it did not run."""
    if not (cluster.data / "PG_VERSION").exists():
        return False
    binaries = find_binaries()
    with _locked(cluster):
        if not _is_running(cluster, binaries):
            return False
        _run(binaries / "pg_ctl", "-D", cluster.data, "-m", "fast", "-w", "stop")
    return True


def is_running(cluster: Cluster) -> bool:
    """Whether the cluster's server runs."""
    return (cluster.data / "PG_VERSION").exists() and _is_running(cluster, find_binaries())


@contextmanager
def _locked(cluster: Cluster) -> Iterator[None]:
    for folder in (cluster.home, cluster.socket):
        _make_folder(folder)
    with FileLock(cluster.home / "lock"):
        yield


def _make_folder(folder: Path) -> None:
    """Make a folder that PostgreSQL's account owns; one that is there already must be its own, or empty."""
    account = _account()
    owner = account.get("user", os.geteuid())
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True, mode=0o700)
        if folder.stat().st_uid != owner:
            if not account or any(folder.iterdir()):
                # Somebody's home, or a foreign folder in a shared temporary directory, is no place for a
                # cluster, and giving it away would lock its owner out.
                raise Unavailable("database.home_foreign", where=str(folder))
            os.chown(folder, owner, account["group"])
    except OSError as error:
        raise Unavailable("database.home_unusable", where=str(folder), reason=error.strerror) from error


def _init(cluster: Cluster, binaries: Path) -> None:
    shutil.rmtree(cluster.data, ignore_errors=True)
    _run(
        binaries / "initdb", "-D", cluster.data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
        "--no-sync" if cluster.hasty else "--data-checksums",
    )  # fmt: skip


def _launch(cluster: Cluster, binaries: Path) -> None:
    options = {**_SAFE_OPTIONS, **(_HASTY_OPTIONS if cluster.hasty else {})}
    options["unix_socket_directories"] = str(cluster.socket)
    # The socket answers to whoever may enter its folder: only the owner.
    options["unix_socket_permissions"] = "0700"
    flags = " ".join(f"-c {name}='{value}'" for name, value in options.items())
    _run(
        binaries / "pg_ctl",
        "-D",
        cluster.data,
        "-w",
        "-t",
        "60",
        "-l",
        cluster.home / "log",
        "-o",
        flags,
        "start",
    )


def _create_database(cluster: Cluster) -> None:
    connection = psycopg2.connect(host=str(cluster.socket), user=OWNER, dbname="postgres")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        connection.close()


def _is_running(cluster: Cluster, binaries: Path) -> bool:
    answer = subprocess.run(
        [str(binaries / "pg_ctl"), "-D", str(cluster.data), "status"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/", check=False,
        **_account(),
    )  # fmt: skip
    return answer.returncode == 0


def _run(*command: object) -> None:
    # A server must not hold our pipes open: its own output goes to the log, and pg_ctl's to a file.
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8"}, **_account(),
        )  # fmt: skip
        if done.returncode != 0:
            output.seek(0)
            raise Unavailable(
                "database.did_not_start", where=str(command[0]), reason=output.read().strip()[-400:]
            )


def _account() -> dict[str, Any]:
    """Arguments that make ``subprocess.run`` leave root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    try:
        entry = pwd.getpwnam("postgres")
    except KeyError as error:
        raise Unavailable("database.no_postgres_account") from error
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
