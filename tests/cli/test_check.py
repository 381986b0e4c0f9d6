"""`netspec check` as a process: rules, configuration, formats, fixes, baselines, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from netspec.cli import main, mend
from netspec.files import FileProblem
from netspec.writing import write_atomic
from tests.processes import surroundings

BIASED = """net Example {
  input 3x32x32
  conv 8 3x3 padding=1 groups=1; batchnorm; relu
  maxpool 2x2
  global_avgpool; flatten
  dense 10
}
"""
CLEAN = BIASED.replace(" groups=1", " bias=false")
BROKEN = "net Broken {\n  input 3x7x7\n  conv 4 3x3 stride=3\n}\n"


def check(
    folder: Path, *arguments: str, stdin: str = "", env: dict[str, str] | None = None
) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "check", *arguments],
        cwd=folder,
        input=stdin.encode(),
        capture_output=True,
        check=False,
        env=surroundings(**(env or {})),
    )
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def concise(folder: Path, *arguments: str) -> list[str]:
    """What is found, as `file:line:column: severity[name]`."""
    _, out, _ = check(folder, "--format", "concise", *arguments)
    return [line.split("]")[0] + "]" for line in out.splitlines() if "[" in line]


BIAS = "a.net:3:3: warning[bias-before-norm]"
GROUPS = "a.net:3:24: warning[default-written-out]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.net").write_text(BIASED)
    return tmp_path


# --- exit codes ---------------------------------------------------------------------------------


def test_warnings_let_a_run_pass(folder: Path) -> None:
    code, out, err = check(folder)
    assert (code, err) == (0, "")
    assert out.endswith("2 warnings in 1 file\n")
    assert check(folder, "--error-on-warning")[0] == 1
    assert check(folder, "--error-on-warning", "--exit-zero")[0] == 0


def test_errors_do_not(folder: Path) -> None:
    (folder / "b.net").write_text(BROKEN)
    assert check(folder)[0] == 1
    assert check(folder, "--exit-zero")[0] == 0
    assert check(folder, "missing.net", "--exit-zero")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--select", "bias-before-nrom"], "did you mean bias-before-norm?"),
        (["--ignore", "stride-drops-input"], "it is an error, and errors are always reported"),
        (["--ignore", "default"], "default is for --select"),
        (["--select", ","], "--select names no rule"),
        (["--isolated", "--config", "x.toml"], "--config asks for one"),
        (["--diff", "--format", "json"], "--diff gives no report that --format"),
        (["--diff", "--statistics"], "--diff gives no report that --statistics"),
        (["--write-baseline", "x", "--output-file", "y"], "no report that --output-file"),
        (["--write-baseline", "x", "--baseline", "y"], "without another --baseline"),
        (["--format", "yaml"], "invalid choice"),
        (["--fix", "--diff"], "not allowed with"),
        (["--unsafe-fixes"], "goes with --fix or --diff"),
        (["--fix", "zoo:resnet"], "what ships is not written"),
        (["--statistics", "--format", "json"], "--format json for programs"),
        (["--stdin-filename", "x.net"], "the path `-` is missing"),
        (["--watch", "--fix"], "--watch goes with files"),
        (["--config", "missing.toml"], "missing.toml"),
        (["--baseline", "missing.json"], "missing.json"),
        (["--baseline", "a.net"], "cannot use a.net as a baseline"),
        (["--output-file", "no/such/folder"], "no/such/folder"),
        (["--output-file", "a.net"], "a.net is one of the specs"),
        (["--write-baseline", "./a.net"], "./a.net is one of the specs"),
    ],
)
def test_usage(folder: Path, arguments: list[str], said: str) -> None:
    code, _, err = check(folder, *arguments)
    assert code == 2
    assert said in err
    assert len(err.splitlines()) == 1
    assert sorted(p.name for p in folder.iterdir()) == ["a.net"]


# --- rules --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [BIAS, GROUPS]),
        (["--ignore", "bias-before-norm"], [GROUPS]),
        (["--ignore", "bias-*,default-*"], []),
        (["--ignore", "bias-*", "--ignore", "default-*"], []),
        (["--select", "aliasing-pool"], ["a.net:4:11: warning[aliasing-pool]"]),
        (
            ["--extend-select", "aliasing-pool"],
            [BIAS, GROUPS, "a.net:4:11: warning[aliasing-pool]"],
        ),
    ],
)
def test_selection(folder: Path, arguments: list[str], expected: list[str]) -> None:
    assert concise(folder, *arguments) == expected


def test_the_command_line_wins_over_severities(folder: Path) -> None:
    (folder / "netspec.toml").write_text('severity.bias-before-norm = "error"\n')
    error = BIAS.replace("warning", "error")
    assert concise(folder) == [error, GROUPS]
    assert concise(folder, "--select", "default-written-out") == [GROUPS]
    assert concise(folder, "--select", "bias-*") == [error]
    assert concise(folder, "--ignore", "bias-*") == [GROUPS]
    assert concise(folder, "--ignore", "all") == []


PYPROJECT = """[tool.netspec]
extend-select = ["aliasing-pool"]
ignore = ["default-*"]

[tool.netspec.severity]
bias-before-norm = "error"

[tool.netspec.per-file-ignores]
"old/*.net" = ["bias-before-norm"]
"""


def test_configuration(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "old").mkdir()
    (folder / "old" / "a.net").write_text(BIASED)
    aliasing = "warning[aliasing-pool]"
    expected = ["a.net:3:3: error[bias-before-norm]", f"a.net:4:11: {aliasing}"]
    assert concise(folder) == [*expected, f"old/a.net:4:11: {aliasing}"]
    assert check(folder)[0] == 1
    assert concise(folder, "--isolated") == [BIAS, GROUPS, f"old/{BIAS}", f"old/{GROUPS}"]
    # The command line wins over the configuration.
    assert concise(folder, "a.net", "--ignore", "bias-before-norm") == [f"a.net:4:11: {aliasing}"]
    assert concise(folder, "a.net", "--extend-select", "default-written-out") == [
        *expected[:1],
        GROUPS,
        *expected[1:],
    ]
    # From another folder, patterns are still those of the configuration's.
    assert concise(folder / "old", "a.net") == [f"a.net:4:11: {aliasing}"]


def test_another_configuration(folder: Path) -> None:
    (folder / "strict.toml").write_text('error-on-warning = true\nignore = ["bias-before-norm"]\n')
    code, out, _ = check(folder, "--config", "strict.toml")
    assert code == 1
    assert "bias-before-norm" not in out


def test_mistakes_in_a_configuration(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.netspec]\nselekt = []\nignore = ["hughe"]\n')
    code, out, err = check(folder)
    assert code == 2
    assert "error[unknown-setting]: " in err
    assert "  --> pyproject.toml:2:1\n" in err
    assert "did you mean `select`?" in err
    assert "  --> pyproject.toml:3:11\n" in err
    assert "2 warnings in 1 file" in out


def test_excluded_files(folder: Path) -> None:
    (folder / "netspec.toml").write_text('exclude = ["vendored"]\n')
    (folder / "vendored").mkdir()
    (folder / "vendored" / "b.net").write_text(BIASED)
    assert concise(folder) == [BIAS, GROUPS]
    # What is named is meant.
    assert len(concise(folder, "vendored/b.net")) == 2


def test_it_is_said_where_every_file_is_excluded(folder: Path) -> None:
    (folder / "netspec.toml").write_text('exclude = ["*.net"]\n')
    assert check(folder) == (0, "", "nothing to check: the configuration excludes every file\n")


def test_budgets(folder: Path) -> None:
    # 8 filters of 27 weights and a bias, 16 of the batchnorm, 80 + 10 of the dense layer.
    (folder / "netspec.toml").write_text(
        '[budgets."*.net"]\nmax-params = 300\nmax-macs = "1M"\n[budgets."a.net::Example"]\n'
        'max-activations = "1G"\n'
    )
    code, out, _ = check(folder, "--ignore", "all")
    assert code == 1
    assert "error[over-budget]: params of Example is 330, more than the 300 allowed" in out
    assert "  --> netspec.toml:2:14\n" in out
    assert "macs" not in out.split("over-budget")[1].split("\n")[0]


def test_budgets_of_open_sizes(folder: Path) -> None:
    open_ = BIASED.replace("3x32x32", "3xHxW")
    (folder / "a.net").write_text(open_)
    budget = '[budgets."*.net"]\nmax-macs = 200_000\n'
    (folder / "netspec.toml").write_text(budget)
    code, out, _ = check(folder, "--ignore", "bias-*,default-*")
    assert (code, "warning[budget-unknown]" in out) == (0, True)
    # 27 x 8 multiply-accumulates at each of 1,024 positions, and 80 of the dense layer.
    (folder / "netspec.toml").write_text(f'{budget}[inputs]\n"*.net" = "3x32x32"\n')
    code, out, _ = check(folder, "--ignore", "bias-*,default-*")
    assert code == 1
    assert "macs of Example is 221,264, more than the 200,000 allowed" in out


def test_a_configured_size_is_named(folder: Path) -> None:
    (folder / "a.net").write_text(CLEAN.replace("3x32x32", "3xHxW"))
    (folder / "netspec.toml").write_text('[inputs]\n"*.net" = "3x33x33"\n')
    _, out, _ = check(folder)
    assert "note: this size of the input is configured" in out
    assert " --> netspec.toml:2:11" in out
    for size in ("3x0x0", f"3x{'9' * 5000}x8"):
        (folder / "netspec.toml").write_text(f'[inputs]\n"*.net" = "{size}"\n')
        code, out, err = check(folder, "--format", "concise")
        assert (code, err) == (1, "")
        assert out.startswith("netspec.toml:2:11: error[")


def test_open_sizes_are_checked_at_the_configured_one(folder: Path) -> None:
    (folder / "a.net").write_text(CLEAN.replace("3x32x32", "3xHxW"))
    assert check(folder)[1] == "ok: 1 net in 1 file\n"
    (folder / "netspec.toml").write_text('[inputs]\n"*.net" = "3x33x33"\n')
    code, out, _ = check(folder)
    assert code == 1
    assert "error[stride-drops-input]" in out
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "summary", "a.net"],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    (folder / "netspec.toml").write_text('[inputs]\n"*.net" = "3x64x64"\n')
    assert check(folder)[0] == 0
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "summary", "a.net"],
        cwd=folder,
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.startswith("Example: 3x64x64 -> 10\n")


# --- baselines ----------------------------------------------------------------------------------


def test_baseline(folder: Path) -> None:
    assert check(folder, "--write-baseline", "known.json")[:2] == (
        0,
        "2 findings recorded in known.json\n",
    )
    assert check(folder, "--baseline", "known.json")[1] == "ok: 1 net in 1 file\n"
    # Lines may move; what is new is shown.
    (folder / "a.net").write_text(f"# a comment\n{BIASED}\n{BIASED.replace('Example', 'New')}")
    assert concise(folder, "--baseline", "known.json") == [
        "a.net:12:3: warning[bias-before-norm]",
        "a.net:12:24: warning[default-written-out]",
    ]
    (folder / "a.net").write_text(CLEAN)
    (folder / "netspec.toml").write_text('baseline = "known.json"\n')
    code, out, err = check(folder)
    assert (code, out) == (0, "ok: 1 net in 1 file\n")
    assert err.startswith("2 entries of the baseline not found any more")


def test_a_baseline_is_written_before_it_is_there_and_anew(folder: Path) -> None:
    (folder / "netspec.toml").write_text('baseline = "known.json"\n')
    written = (0, "2 findings recorded in known.json\n", "")
    assert check(folder, "--write-baseline", "known.json") == written
    before = (folder / "known.json").read_bytes()
    assert check(folder, "--write-baseline", "known.json") == written
    given = ["--baseline", "known.json", "--write-baseline", "known.json"]
    assert check(folder, "--isolated", *given) == written
    assert (folder / "known.json").read_bytes() == before


def test_the_name_of_a_baseline_is_shown_escaped(folder: Path) -> None:
    _, out, _ = check(folder, "--write-baseline", "\x1b[31m.json")
    assert out == "2 findings recorded in \\x1b[31m.json\n"


def test_errors_are_not_let_be(folder: Path) -> None:
    (folder / "a.net").write_text(BROKEN)
    _, out, err = check(folder, "--write-baseline", "known.json")
    assert out.startswith("0 findings")
    assert err == "1 error not recorded: a baseline holds findings of rules alone\n"
    assert check(folder, "--baseline", "known.json")[0] == 1


# --- formats ------------------------------------------------------------------------------------


def test_every_format(folder: Path) -> None:
    (folder / "b.net").write_text(BROKEN)
    names = ["bias-before-norm", "default-written-out", "stride-drops-input"]
    code, out, err = check(folder, "--format", "json")
    assert (code, err) == (1, "")
    assert [d["name"] for d in json.loads(out)["diagnostics"]] == names
    sarif = json.loads(check(folder, "--format", "sarif")[1])
    assert [r["ruleId"] for r in sarif["runs"][0]["results"]] == names
    gitlab = json.loads(check(folder, "--format", "gitlab")[1])
    assert [entry["check_name"] for entry in gitlab] == names
    junit = ET.fromstring(check(folder, "--format", "junit")[1])
    assert len(list(junit.iter("failure"))) == 1
    github = check(folder, "--format", "github")[1].splitlines()
    assert [line.split(" ")[0] for line in github[:3]] == ["::warning", "::warning", "::error"]
    assert "stride-drops-input" in check(folder, "--format", "markdown")[1]
    assert check(folder, "--format", "full")[1] == check(folder)[1]


def test_under_github_actions(folder: Path) -> None:
    _, out, _ = check(folder, env={"GITHUB_ACTIONS": "true"})
    assert out.startswith("::warning ")
    _, out, _ = check(folder, "--format", "concise", env={"GITHUB_ACTIONS": "true"})
    assert out.startswith("a.net:")


def test_a_report_in_a_file(folder: Path) -> None:
    code, out, err = check(folder, "--format", "sarif", "--output-file", "report.sarif")
    assert (code, out, err) == (0, "", "")
    assert json.loads((folder / "report.sarif").read_text())["version"] == "2.1.0"


def test_a_report_on_standard_output_by_name(folder: Path) -> None:
    assert check(folder, "--output-file", "-")[1] == check(folder)[1]
    assert [p.name for p in folder.iterdir()] == ["a.net"]


def test_statistics(folder: Path) -> None:
    (folder / "b.net").write_text(BIASED.replace("Example", "Other").replace(" groups=1", ""))
    assert check(folder, "--statistics")[1].splitlines() == [
        "2  warning  bias-before-norm     2 with a fix",
        "1  warning  default-written-out  1 with a fix",
    ]


def test_standard_input_stands_for_a_file(folder: Path) -> None:
    (folder / "netspec.toml").write_text('[per-file-ignores]\n"x.net" = ["bias-before-norm"]\n')
    (folder / "unit.net").write_text("block unit { relu }\n")
    text = 'from "unit.net" import unit\n' + BIASED.replace("relu", "unit").replace(" groups=1", "")
    code, out, _ = check(folder, "-", "--stdin-filename", "x.net", stdin=text)
    assert (code, out) == (0, "ok: 1 net in 1 file\n")
    _, out, _ = check(folder, "-", "--stdin-filename", "y.net", stdin=text)
    assert "--> y.net:4:3" in out


def test_standard_input_takes_the_place_of_its_file(folder: Path) -> None:
    for paths in ((".", "-"), ("-", "."), ("a.net", "-")):
        given = [*paths, "--stdin-filename", "a.net", "--fix"]
        _, out, err = check(folder, *given, stdin=f"# new\n{BIASED}")
        assert out == f"# new\n{BIASED}".replace(" groups=1", "")
        assert "1 warning in 1 file" in err
        assert (folder / "a.net").read_text() == BIASED


# --- fixes --------------------------------------------------------------------------------------


def test_safe_fixes_are_applied(folder: Path) -> None:
    path = folder / "a.net"
    path.write_bytes(b"\xef\xbb\xbf" + BIASED.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    code, out, err = check(folder, "--fix")
    assert code == 0
    assert err == "1 fix applied in 1 file\n"
    assert "default-written-out" not in out
    assert "bias-before-norm" in out
    expected = BIASED.replace(" groups=1", "").replace("\n", "\r\n").encode()
    assert path.read_bytes() == b"\xef\xbb\xbf" + expected
    assert path.stat().st_mode & 0o777 == 0o640


def test_unsafe_fixes_are_asked_for(folder: Path) -> None:
    code, out, err = check(folder, "--fix", "--unsafe-fixes")
    assert (code, out) == (0, "ok: 1 net in 1 file\n")
    assert err == "2 fixes applied in 1 file\n"
    assert (folder / "a.net").read_text() == CLEAN


def test_a_difference_writes_nothing(folder: Path) -> None:
    code, out, err = check(folder, "--diff", "--unsafe-fixes")
    assert code == 1
    assert err == "2 fixes would be applied in 1 file\n"
    removed = [line for line in out.splitlines() if line.startswith("-  ")]
    added = [line for line in out.splitlines() if line.startswith("+  ")]
    assert removed == ["-  conv 8 3x3 padding=1 groups=1; batchnorm; relu"]
    assert added == ["+  conv 8 3x3 padding=1 bias=false; batchnorm; relu"]
    assert (folder / "a.net").read_text() == BIASED
    (folder / "a.net").write_text(CLEAN)
    assert check(folder, "--diff", "--unsafe-fixes") == (0, "", "")


def test_a_difference_hides_no_error(folder: Path) -> None:
    (folder / "a.net").write_text(BROKEN)
    code, out, err = check(folder, "--diff")
    assert (code, out) == (1, "")
    assert err.startswith("1 error in 1 file that no fix here mends")
    assert check(folder, "--diff", "--exit-zero")[0] == 0
    (folder / "a.net").write_text(BIASED)
    assert check(folder, "--diff")[0] == 1
    assert check(folder, "--diff", "--exit-zero")[0] == 0


def test_a_file_that_cannot_be_written_stops_no_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.net", "c.net"):
        (folder / name).write_text(BIASED)

    def write(path: str, content: bytes) -> None:
        if path.endswith("b.net"):
            raise FileProblem(f"cannot write {path}: permission denied")
        # Somebody saves the last file while the first is written.
        (folder / "c.net").write_text(f"# mine\n{BIASED}")
        write_atomic(path, content)

    monkeypatch.chdir(folder)
    monkeypatch.setattr(mend, "write_atomic", write)
    assert main(["check", "--fix", "--format", "concise"]) == 2
    assert (folder / "a.net").read_text() == BIASED.replace(" groups=1", "")
    assert (folder / "b.net").read_text() == BIASED
    assert (folder / "c.net").read_text() == f"# mine\n{BIASED}"
    out, err = capsys.readouterr()
    assert "1 fix applied in 1 file" in err
    assert "netspec: cannot write b.net: permission denied" in err
    assert "netspec: c.net has changed while it was fixed" in err
    # What was not written is still reported.
    assert [line.split(" `")[0] for line in out.splitlines() if "default-written" in line] == [
        "b.net:3:24: warning[default-written-out]:",
        "c.net:3:24: warning[default-written-out]:",
    ]


def test_a_fix_that_breaks_something_is_left_out(folder: Path) -> None:
    # 330 parameters with the 8 biases.
    text = BIASED.replace("  dense 10\n", "  dense 10\n  assert params == 330\n")
    (folder / "a.net").write_text(text)
    code, out, err = check(folder, "--fix", "--unsafe-fixes")
    assert code == 0
    assert "bias-before-norm" in out
    assert "1 fix left out" in err
    assert (folder / "a.net").read_text() == text.replace(" groups=1", "")


def test_a_fix_in_a_library_is_checked_with_its_users(folder: Path) -> None:
    (folder / "a.net").unlink()
    library = "block unit { conv 8 3x3 padding=1; batchnorm; relu }\n"
    (folder / "library.net").write_text(library)
    user = (
        'from "library.net" import unit\n\nnet User {\n  input 3x32x32\n  unit\n'
        "  global_avgpool; flatten\n{0}}\n"
    )
    # 216 weights and 8 biases, and 16 of the batchnorm.
    (folder / "user.net").write_text(user.replace("{0}", "  assert params == 240\n"))
    assert "1 fix left out" in check(folder, "--fix", "--unsafe-fixes")[2]
    assert (folder / "library.net").read_text() == library
    (folder / "user.net").write_text(user.replace("{0}", ""))
    assert check(folder, "--fix", "--unsafe-fixes")[2] == "1 fix applied in 1 file\n"
    assert "padding=1 bias=false;" in (folder / "library.net").read_text()


def test_fixes_of_standard_input(folder: Path) -> None:
    code, out, err = check(folder, "-", "--fix", "--unsafe-fixes", stdin=BIASED)
    assert (code, out) == (0, CLEAN)
    assert "2 fixes applied" in err
    assert check(folder, "-", "--fix", stdin=CLEAN)[1] == CLEAN
    # What is no text is not given back as another.
    command = [sys.executable, "-m", "netspec", "check", "-", "--fix"]
    done = subprocess.run(command, input=b"net A \xff", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


def test_unused_suppressions_are_removed(folder: Path) -> None:
    text = CLEAN.replace("relu\n", "relu  # netspec: ignore[huge-dense] old\n", 1)
    (folder / "a.net").write_text(text)
    assert concise(folder) == ["a.net:3:71: warning[unused-suppression]"]
    check(folder, "--fix")
    assert (folder / "a.net").read_text() == CLEAN


def test_line_ends_outlast_a_comment(folder: Path) -> None:
    text = CLEAN.replace("relu\n", "relu  # netspec: ignore[huge-dense] old\n", 1)
    (folder / "a.net").write_bytes(text.replace("\n", "\r\n").encode())
    check(folder, "--fix")
    assert (folder / "a.net").read_bytes() == CLEAN.replace("\n", "\r\n").encode()
