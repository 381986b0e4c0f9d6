"""Makes the virtual environments of what is measured, and says what is in them.

Which packages they hold stands in `requirements/`, a file for each; pip is left the installing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIREMENTS = ROOT / "benchmarks" / "requirements"
FOLDER = ROOT / "benchmarks" / ".environments"
#: What every peer is held to, so that none brings another torch.
CONSTRAINTS = REQUIREMENTS / "constraints.txt"
#: What a wheel of netspec is built from.
_SOURCES = ("netspec", "grammar", "specs", "pyproject.toml")

Tell = Callable[[str], None]


class CannotInstall(Exception):
    """What pip said last."""


@dataclass(slots=True)
class Environment:
    """An environment: the packages that could not be installed have their reasons in `missing`."""

    name: str
    folder: Path
    missing: dict[str, str] = field(default_factory=dict)

    def program(self, name: str) -> str:
        """The path of a command that a package installs, or of `python`."""
        return str(self.folder / "bin" / name)

    def versions(self) -> dict[str, str]:
        """Of every package, by its name."""
        listed = subprocess.run(
            [self.program("python"), "-m", "pip", "list", "--format", "json"],
            env=_clean(),
            capture_output=True,
            text=True,
            check=True,
        )
        return {entry["name"]: entry["version"] for entry in json.loads(listed.stdout)}


def made(name: str, tell: Tell, folder: Path = FOLDER) -> Environment:
    """The environment of `requirements/<name>.txt`: the one that is there if nothing changed.

    What could not be installed is tried again.
    """
    wanted = required((REQUIREMENTS / f"{name}.txt").read_text())
    environment = Environment(name, folder / name)
    stamp = environment.folder / "stamp.json"
    digest = _digest([sys.version, *wanted, CONSTRAINTS.read_text()])
    written = json.loads(stamp.read_text()) if stamp.exists() else {}
    if written.get("digest") == digest:
        wanted = [line for line in wanted if line in written["missing"]]
    else:
        tell(f"making the environment {name}")
        shutil.rmtree(environment.folder, ignore_errors=True)
        _create(environment.folder)
    environment.missing = _installed(environment, wanted, tell)
    wheel = written.get("netspec") if written.get("digest") == digest else None
    if name == "netspec":
        wheel = _netspec(environment, wheel, tell)
    stamp.write_text(
        json.dumps({"digest": digest, "missing": environment.missing, "netspec": wheel})
    )
    return environment


def required(text: str) -> list[str]:
    """The lines of a file of requirements, without comments."""
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line]


def _create(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", folder], env=_clean(), check=True)


def _installed(environment: Environment, wanted: list[str], tell: Tell) -> dict[str, str]:
    """Install all at once, else one by one; the reason for each that cannot be."""
    if not wanted:
        return {}
    try:
        _pip(environment, wanted)
        return {}
    except CannotInstall:
        missing = {}
    for requirement in wanted:
        try:
            _pip(environment, [requirement])
        except CannotInstall as problem:
            tell(f"{requirement}: {problem}")
            missing[requirement] = str(problem)
    return missing


def _netspec(environment: Environment, before: str | None, tell: Tell) -> str:
    """Install this checkout as a wheel, as users have it: byte-compiled, the automaton computed.

    An editable installation does neither. Gives the digest of what it was built from.
    """
    digest = _digest(_contents())
    if digest == before:
        return digest
    tell("building netspec's wheel")
    with tempfile.TemporaryDirectory() as folder:
        _pip(environment, ["--no-deps", "--wheel-dir", folder, str(ROOT)], "wheel")
        (wheel,) = Path(folder).glob("netspec-*.whl")
        _pip(environment, ["--no-deps", "--force-reinstall", str(wheel)])
    return digest


def _contents() -> Iterable[str]:
    for name in _SOURCES:
        path = ROOT / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and file.suffix != ".pyc":
                yield f"{file.relative_to(ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}"


def _pip(environment: Environment, arguments: list[str], command: str = "install") -> None:
    constraints = ["-c", str(CONSTRAINTS)] if command == "install" else []
    done = subprocess.run(
        [
            *(environment.program("python"), "-m", "pip", command, "--quiet"),
            *("--disable-pip-version-check", "--no-input", *constraints, *arguments),
        ],
        cwd=environment.folder,
        env=_clean(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        said = errors or done.stderr.splitlines() or ["pip failed"]
        raise CannotInstall(said[-1].removeprefix("ERROR: ")[:200])


def _clean() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
