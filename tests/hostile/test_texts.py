"""Texts that are no spec, or one that asks for far too much: located errors, and soon."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from tests.hostile.tools import EITHER, TOY, check, net, run, spec

#: The language's signs and words, and some that are not.
WORDS = (
    "{", "}", "(", ")", "[", "]", ";", ":", ",", "@", "->", "=", "==", "+", "-", "*", "**", "/",
    "//", "%", "#", '"', "_", ".", "3x3", "1xk", "7", "4.2G", "1e999", "\n", "\r\n", "\t", "net",
    "block", "inline", "input", "conv", "relu", "repeat", "if", "else", "residual", "shortcut",
    "concat", "add", "let", "default", "share", "output", "assert", "from", "import", "as", "and",
    "or", "not", "true", "none", "in", "\u00e9", "\u540d", "\u202e", "\x00", "\x1b[2J",
)  # fmt: skip

# --- bytes ------------------------------------------------------------------------------------


def test_empty_file(tmp_path: Path) -> None:
    assert check(tmp_path, b"").errors == ["empty-file"]
    run("onnx", tmp_path / "toy.net", "-o", tmp_path / "x.onnx", code=(1, 2))
    assert not (tmp_path / "x.onnx").exists()


def test_blank_files(tmp_path: Path) -> None:
    blank = (b"\n", b"   \t ", b"# only a comment", b"\r\n\r\n", b"\xef\xbb\xbf", b";;;")
    for i, text in enumerate(blank):
        spec(tmp_path, text, f"{i}.net")
    assert run("check", tmp_path, code=1).errors == ["empty-file"] * len(blank)


def test_binary_file(tmp_path: Path) -> None:
    data = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 40
    assert check(tmp_path, data).errors == ["not-utf-8"]
    for command in ("summary", "torch"):
        run(command, tmp_path / "toy.net", code=(1, 2))


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes(tmp_path: Path, seed: int) -> None:
    assert check(tmp_path, random.Random(seed).randbytes(4_000)).errors == ["not-utf-8"]


@pytest.mark.parametrize("seed", range(4))
def test_random_text(tmp_path: Path, seed: int) -> None:
    """The language's own signs and words, in any order."""
    chosen = random.Random(seed).choices(WORDS, k=3_000)
    check(tmp_path, " ".join(chosen))


def test_nul_in_a_spec(tmp_path: Path) -> None:
    check(tmp_path, TOY.replace("conv", "conv\x00"))


def test_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    for text in (
        TOY.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + TOY.encode(),
        b"\xef\xbb\xbf" + TOY.replace("\n", "\r\n").encode(),
    ):
        check(tmp_path, text, code=0)


def test_places_after_a_byte_order_mark(tmp_path: Path) -> None:
    text = TOY.replace("conv 4 3x3", "konv 4 3x3").replace("\n", "\r\n")
    ran = check(tmp_path, b"\xef\xbb\xbf" + text.encode())
    assert "toy.net:3:3" in ran.out


def test_other_encodings(tmp_path: Path) -> None:
    for text in (
        TOY.encode("utf-16"),
        TOY.encode("utf-32"),
        "# für Bilder\n".encode("latin-1") + TOY.encode(),
        b"# \xed\xa0\x80 a surrogate\n" + TOY.encode(),
        b"# \xc0\xaf overlong\n" + TOY.encode(),
    ):
        assert check(tmp_path, text).errors == ["not-utf-8"]


def test_standard_input(tmp_path: Path) -> None:
    run("check", "-", code=0, stdin=TOY.encode())
    run("check", "-", code=1, stdin=bytes(range(256)))
    run("check", "-", code=2, stdin=b"#" * 20_000_000)
    run("summary", "-", code=0, stdin=TOY.encode())


# --- nesting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("{ ", " }"),
        ("concat { ", " }"),
        ("residual { ", " }"),
        ("repeat 1 { ", " }"),
        ("if true { ", " }"),
        ("l: { ", " }"),
        ("residual { relu } shortcut { ", " }"),
    ],
)
def test_nested_braces(tmp_path: Path, opening: str, closing: str) -> None:
    check(tmp_path, net("\n".join([opening] * 500) + "relu" + "\n".join([closing] * 500)))


def test_deeply_nested_braces(tmp_path: Path) -> None:
    check(tmp_path, net("\n".join(["{"] * 20_000) + "relu" + "\n".join(["}"] * 20_000)))


@pytest.mark.parametrize("text", ["{" * 50_000, "}" * 50_000, "{ relu " * 5_000, "net A {\n" * 999])
def test_unbalanced_braces(tmp_path: Path, text: str) -> None:
    check(tmp_path, text)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("(", ")"), ("[", "]"), ("-", ""), ("not ", ""), ("abs(", ")"), ("(-", ")")],
)
@pytest.mark.parametrize("depth", [500, 20_000])
def test_nested_expressions(tmp_path: Path, opening: str, closing: str, depth: int) -> None:
    check(tmp_path, net(f"  let x = {opening * depth}1{closing * depth}\n  conv x 1"))


def test_else_if_chains(tmp_path: Path) -> None:
    chain = "if in.channels == 0 { relu }" + "".join(
        f" else if in.channels == {i + 10}\n {{ relu }}".replace("\n", "") for i in range(1_500)
    )
    # 1,500 conditions on one line are too long a line; on many lines, they are a chain.
    check(tmp_path, net(chain))
    check(tmp_path, net(chain.replace("{ relu }", "{\n relu\n }")), code=EITHER)


# --- long texts -------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["+", "-", "*", "//", "%", "and", "<"])
def test_5000_terms(tmp_path: Path, sign: str) -> None:
    # On one line, and in parentheses over many: either is an answer, a value or a limit.
    terms = f" {sign} ".join(["1"] * 5_000)
    for text in (f"let x = {terms}", f"let x = ({terms.replace(' 1', chr(10) + ' 1')})"):
        check(tmp_path, net(f"  {text}\n  relu"), code=EITHER)


def test_line_of_a_megabyte(tmp_path: Path) -> None:
    check(tmp_path, net("  conv 4 3x3 " + "a" * 1_000_000))
    check(tmp_path, net("  relu; " * 150_000))
    check(tmp_path, net('  "' + "x" * 1_000_000 + '": relu'))
    check(tmp_path, net("  let x = " + "9" * 1_000_000))
    check(tmp_path, net("  conv " + "3x" * 500_000 + "3 1"))
    check(tmp_path, net("  # " + "z" * 1_000_000))


def test_file_of_ten_megabytes(tmp_path: Path) -> None:
    run("check", spec(tmp_path, "# padding\n" * 1_050_000 + TOY), code=1)


def test_file_beyond_reading(tmp_path: Path) -> None:
    run("check", spec(tmp_path, b"#" * 40_000_000), code=2)


def test_long_label(tmp_path: Path) -> None:
    label = "l" * 100_000
    check(tmp_path, net(f"  {label}: relu"))
    check(tmp_path, net("  l" + "{1}" * 20_000 + ": relu"))
    check(tmp_path, net(f'  "{".".join(["a"] * 3_000)}": relu'))
    check(tmp_path, net(f"  @{'.'.join(['a'] * 3_000)}"))
    check(tmp_path, f"block {label}() {{ relu }}\n" + net(f"  {label}"))


def test_labels_that_grow_as_they_are_computed(tmp_path: Path) -> None:
    """Short in the text, and long when evaluated."""
    check(tmp_path, net("  l{10**29}: relu"), code=EITHER)
    check(tmp_path, net("  let x = 10**300\n  l{x*x*x}: relu"), code=EITHER)
    check(tmp_path, net('  let x = "' + "a" * 5_000 + '"\n  l{x}: relu'), code=EITHER)


def test_thousands_of_errors(tmp_path: Path) -> None:
    wrong = "\n".join(f"  konv{i} {i} 3x3 strid=2" for i in range(5_000))
    assert check(tmp_path, net(wrong)).errors.count("unknown-layer") >= 1
    check(tmp_path, net("\n".join("  conv ( ; relu )" for _ in range(5_000))))
    check(tmp_path, "\n".join(f"block b{i}(x) {{ nothing{i} x y }}" for i in range(2_000)))
    check(tmp_path, "net Toy { input 3x8x8 }\n" * 2_000)


def test_many_names(tmp_path: Path) -> None:
    """What looks for a name nearby must not compare each with each."""
    blocks = "\n".join(f"block name{i}(a) {{ conv a 1 }}" for i in range(3_000))
    uses = "\n".join(f"  nome{i} 4" for i in range(1_000))
    check(tmp_path, net(uses, blocks))


# --- numbers ----------------------------------------------------------------------------------


#: Each is a net of its own, and a mistake.
ENORMOUS = (
    "conv 99999999999999999999 1",
    "conv 1e300 1",
    "conv 1e999 1",
    "conv 4 1e18",
    "conv 4 3 stride=9999999999999",
    "conv 4 3 padding=1e17",
    "conv 4 3 dilation=10**18",
    "conv 4 3 groups=10**40",
    "dense 10**400",
    "flatten; dense 10**30",
    "pad 10**20",
    "crop 10**20",
    "upsample 10**20",
    "resize [10**20, 10**20]",
    "adaptive_avgpool 10**30",
    "adaptive_avgpool 10**12; flatten; dense 10**12",
    "dropout p=1e308*10",
    "leaky_relu slope=1e308*1e308",
    "lrn size=10**30",
    "select [10**30]",
    "select [0]; slice 10**30",
    "reshape [10**30, 1]",
    "pixel_shuffle 10**20",
    "channel_shuffle 10**30",
    "let x = [1] * 10**10; relu",
    "let x = 1 // 0; relu",
    "let x = 1 % 0; relu",
    "let x = 1 / 0; relu",
    "let x = 1.5 // 0.0; relu",
    "let x = 10**29 * 10**29 ** 10; conv x 1",
    "let x = floor(1e308 * 10); conv x 1",
    "let x = make_divisible(10**29, 0); conv x 1",
    "let x = round(0.5 / 0); conv x 1",
    "let x = sum([]) + max(); conv x 1",
    "conv 2**2**2**2**2**2 1",
    "conv 10**10**10 1",
    "conv 9**9**9**9 1",
    "conv 2**(-1) 1",
    "conv 0**(-1) 1",
    "conv (-2)**0.5 1",
    "conv -1 1",
    "repeat -1 { relu }",
    "repeat 2.5 { relu }",
    "repeat 1e400 { relu }",
)


def test_enormous_numbers(tmp_path: Path) -> None:
    nets = [net(f"  {body}").replace("Toy", f"Toy{i}") for i, body in enumerate(ENORMOUS)]
    ran = check(tmp_path, "\n".join(nets))
    # A blank line before each net, and three lines before its body.
    lines = {int(line) for line in re.findall(r"toy\.net:(\d+):", ran.out)}
    text = "\n".join(nets).split("\n")
    for body in ENORMOUS:
        assert text.index(f"  {body}") + 1 in lines, body


def test_enormous_input(tmp_path: Path) -> None:
    for dims in (
        "3x99999999999999999999x8",
        "1x1x1x1x1x1x1",
        "0x8x8",
        "3x8x0",
        "[10**30]",
        "_x8x8",
    ):
        check(tmp_path, f"net Toy {{ input {dims}; relu }}")
    # As large as is allowed, and then squared: sizes are numbers, not memory.
    check(tmp_path, "net Toy { input [2**40, 2**40, 2**40]; relu }", code=0)
    run("summary", tmp_path / "toy.net", code=0)


def test_enormous_options(tmp_path: Path) -> None:
    path = spec(tmp_path, "net Toy(n=4) { input 3x8x8; conv n 3x3 }")
    for value in ("n=10**400", "n=9" + "9" * 5_000, "n=" + "(" * 5_000, "n=1;1", "n=@", "m=1", "n"):
        run("summary", path, "-p", value, code=2)
    for dims in ("3x99999999999999999999x8", "3x", "3x8x8x8x8x8", "a=3x8x8", "", "3x0x8"):
        run("summary", path, "--input", dims, code=(1, 2))
    for depth in ("-1", "x", "9" * 5_000):
        run("summary", path, "--depth", depth, code=_depth(depth))
    for opset in ("0", "99999999999999999999"):
        run("onnx", path, "-o", tmp_path / "x.onnx", "--opset", opset, code=2)
    assert not (tmp_path / "x.onnx").exists()


def _depth(text: str) -> int:
    """Whole numbers from 1 on are depths."""
    return 0 if text.isdigit() and int(text[:100]) >= 1 and len(text) < 4_000 else 2


# --- networks ---------------------------------------------------------------------------------


def test_endless_repeats(tmp_path: Path) -> None:
    for body in (
        "repeat 10**30 { relu }",
        "repeat 10**30 as i { conv i+1 1 }",
        "repeat 10**18 { repeat 10**18 { relu } }",
        "repeat 10**9 as i { l{i}: relu }",
        "concat { repeat 10**12 { relu } }",
        "repeat 10**9 { maxpool 1; upsample 2 }",
    ):
        check(tmp_path, net(f"  {body}"))
    # A billion of what changes nothing is no more than one.
    check(tmp_path, net("  repeat 10**9 { relu }"), code=0)
    check(tmp_path, net("  repeat 10**30 { }\n  relu"), code=EITHER)


def test_repeats_that_are_written_out(tmp_path: Path) -> None:
    """A backend that must write each layer says how many are too many."""
    path = spec(tmp_path, net("  repeat 10**9 { conv 3 1 }"))
    run("check", path, code=0)
    run("summary", path, code=0)
    run("summary", path, "--json", code=2)
    run("onnx", path, "-o", tmp_path / "x.onnx", code=1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["toy.net"]


def test_blocks_that_double(tmp_path: Path) -> None:
    blocks = "block b0() { conv 3 1 }\n" + "".join(
        f"block b{i}() {{ b{i - 1}; b{i - 1} }}\n" for i in range(1, 201)
    )
    assert "too-many-layers" in check(tmp_path, net("  b200", blocks)).errors
    check(tmp_path, net("  b40", blocks), code=0)
    run("summary", tmp_path / "toy.net", code=0)
    run("onnx", tmp_path / "toy.net", "-o", tmp_path / "x.onnx", code=1)
    assert not (tmp_path / "x.onnx").exists()


def test_blocks_that_differ_as_they_double(tmp_path: Path) -> None:
    """No two calls are alike, so none can be shared."""
    blocks = "block b0(n) { conv n 1 }\n" + "".join(
        f"block b{i}(n) {{ b{i - 1} 2*n; b{i - 1} 2*n+1 }}\n" for i in range(1, 41)
    )
    check(tmp_path, net("  b40 1", blocks))


def test_deep_calls(tmp_path: Path) -> None:
    for kind in ("block", "inline block"):
        blocks = f"{kind} b0() {{ relu }}\n" + "".join(
            f"{kind} b{i}() {{ b{i - 1} }}\n" for i in range(1, 1_001)
        )
        check(tmp_path, net("  b1000", blocks))
        check(tmp_path, net("  b200", blocks), code=0)
        for command in (("summary",), ("summary", "--depth", "all"), ("torch",)):
            run(command[0], tmp_path / "toy.net", *command[1:], code=0)


def test_deep_calls_through_arguments(tmp_path: Path) -> None:
    """A layer parameter may call on and on, too."""
    blocks = "".join(
        f"block b{i}(f) {{ f{' ' + f'b{i + 2}' if i < 998 else ''} }}\n" for i in range(1_000)
    )
    check(tmp_path, net("  b0 b1", blocks + "block b1000(f) { relu }\n"), code=EITHER)


def test_recursion(tmp_path: Path) -> None:
    for blocks in (
        "block a() { a }",
        "block a() { b }\nblock b() { a }",
        "inline block a() { a }",
        "block a(f) { f a }\nblock b(f) { f b }",
        "".join(f"block a{i}() {{ a{(i + 1) % 500} }}\n" for i in range(500)) + "block a() { a0 }",
    ):
        check(tmp_path, net("  relu", blocks), code=EITHER)
    assert check(tmp_path, net("  a", "block a() { a }")).errors == ["recursive-block"]
    check(tmp_path, net("  a a", "block a(f) { f f }"))
    check(tmp_path, "net A = B\nnet B = A\n")
    check(tmp_path, "".join(f"net A{i} = A{(i + 1) % 900}\n" for i in range(900)))


def test_chains_of_nets(tmp_path: Path) -> None:
    nets = "net A0(n=4) { input 3x8x8; conv n 1 }\n" + "".join(
        f"net A{i} = A{i - 1}\n" for i in range(1, 1_001)
    )
    check(tmp_path, nets, code=EITHER)


def test_defaults_that_read_each_other(tmp_path: Path) -> None:
    check(tmp_path, net("  a", "block a(x=y, y=x) { conv x 1 }"))
    many = ",\n".join(f"x{i}=x{i + 1}" for i in range(1_200)) + ",\nx1200=4"
    check(tmp_path, net("  a", f"block a(\n{many}) {{ conv x0 1 }}"), code=EITHER)


def test_wide_merges(tmp_path: Path) -> None:
    branches = "\n".join(f"    {{ conv {i % 7 + 1} 1; relu }}" for i in range(3_000))
    check(tmp_path, net(f"  concat {{\n{branches}\n  }}"), code=0)
    run("summary", tmp_path / "toy.net", code=0)


def test_long_sequences(tmp_path: Path) -> None:
    check(tmp_path, net("\n".join(["  conv 3 1; relu"] * 10_000)), code=0)
    run("summary", tmp_path / "toy.net", "--depth", "all", code=0)


def test_symbols_that_multiply(tmp_path: Path) -> None:
    """Symbolic sizes are polynomials: they must not grow without bound."""
    grow = "\n".join("  concat axis=height { identity; upsample [1, 2] }" for _ in range(60))
    check(tmp_path, f"net Toy {{\n  input 3xHxW\n{grow}\n}}", code=EITHER)
    pools = "\n".join("  maxpool 2 rounding=ceil; conv 3 3 stride=2 padding=1" for _ in range(60))
    check(tmp_path, f"net Toy {{\n  input 3xHxW\n{pools}\n}}", code=EITHER)
    many = "\n".join("  flatten; reshape [3, in.height, in.width]" for _ in range(60))
    check(tmp_path, f"net Toy {{\n  input 3xHxW\n{many}\n}}", code=EITHER)
