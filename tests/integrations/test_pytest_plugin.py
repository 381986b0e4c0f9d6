"""pytest collects `.net` files where it is asked to, and shows what is wrong with them."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from netspec import limits

pytest_plugins = ("pytester",)

GOOD = "net Good { input 3x8x8; conv 4 3x3 padding=1; flatten; dense 2 }\n"
BAD = "net Bad {\n  input 3x8x8\n  conv 4 3x3 strid=2\n}\n"
WARNED = "net Warned(unused=1) { input 3x8x8; conv 4 3x3 padding=1 }\n"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a good spec, and a test of its own."""
    pytester.makepyfile(test_own="def test_own(): pass\n")
    (pytester.path / "good.net").write_text(GOOD)
    return pytester


def test_pytest_finds_it() -> None:
    (plugin,) = entry_points(group="pytest11", name="netspec")
    assert plugin.value == "netspec.pytest_plugin"


def test_nothing_is_collected_unasked(project: pytest.Pytester) -> None:
    project.runpytest_subprocess().assert_outcomes(passed=1)


def test_nothing_of_netspec_is_loaded_unasked() -> None:
    script = (
        "import sys, netspec.pytest_plugin\n"
        "print(*(m for m in sys.modules if m.split('.')[0] == 'netspec'))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == ["netspec", "netspec.pytest_plugin"]


def test_the_flag(project: pytest.Pytester) -> None:
    ran = project.runpytest_subprocess("--netspec", "-v")
    ran.assert_outcomes(passed=2)
    ran.stdout.fnmatch_lines(["good.net::check PASSED*"])


def test_the_configuration(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nnetspec = true\n")
    project.runpytest_subprocess("good.net").assert_outcomes(passed=1)
    project.runpytest_subprocess("good.net::check").assert_outcomes(passed=1)


def test_a_failure_shows_the_diagnostics(project: pytest.Pytester) -> None:
    folder = project.mkdir("models")
    (folder / "bad.net").write_text(BAD)
    ran = project.runpytest_subprocess("--netspec")
    ran.assert_outcomes(passed=2, failed=1)
    ran.stdout.fnmatch_lines(
        [
            "*netspec check models?bad.net*",
            "error[[]unknown-parameter]: `conv` has no parameter `strid`",
            "  --> models?bad.net:3:14",
            " 3 |   conv 4 3x3 strid=2",
            "   |              ^^^^^ not a parameter of `conv`",
            "   = help: did you mean `stride`?",
            "FAILED models/bad.net::check*",
        ]
    )
    ran.stdout.no_fnmatch_line("*Traceback*")
    ran.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_warnings_pass_unless_they_are_errors(pytester: pytest.Pytester) -> None:
    (pytester.path / "warned.net").write_text(WARNED)
    shown = pytester.runpytest_subprocess("--netspec", "-rP")
    shown.assert_outcomes(passed=1)
    shown.stdout.fnmatch_lines(["warning[[]*"])
    strict = pytester.runpytest_subprocess("--netspec", "--netspec-error-on-warning")
    strict.assert_outcomes(failed=1)
    strict.stdout.fnmatch_lines(["warning[[]*"])


def test_what_cannot_be_read_fails_in_a_line(pytester: pytest.Pytester) -> None:
    (pytester.path / "bytes.net").write_bytes(b"net A { \xff }\n")
    with (pytester.path / "large.net").open("wb") as file:
        file.truncate(4 * limits.FILE_SIZE + 4)
    ran = pytester.runpytest_subprocess("--netspec")
    ran.assert_outcomes(failed=2)
    ran.stdout.fnmatch_lines(["error[[]not-utf-8]*", "large.net is larger than*"])
    ran.stdout.no_fnmatch_line("*Traceback*")


def test_a_name_that_looks_like_one_of_the_zoo(pytester: pytest.Pytester) -> None:
    (pytester.path / "zoo:resnet.net").write_text(GOOD)
    ran = pytester.runpytest_subprocess("--netspec", "-v")
    ran.assert_outcomes(passed=1)
