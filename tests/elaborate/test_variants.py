"""One net elaborated many times: what is shared, and that nothing is carried over."""

from __future__ import annotations

from netspec.analysis.cost import totals
from netspec.diagnostics import Severity
from netspec.elaborate.variants import Made, Variants
from netspec.source import SourceFile, Unreadable
from netspec.syntax import parse, parse_expression, tree

FILES = {
    "blocks.net": "block unit(n) { conv n 3x3 padding=1 bias=false; relu }\n",
    "main.net": 'from "blocks.net" import unit\n'
    "net Main(n=1, times=1) { input 3x8x8; repeat times { unit 4 }; unit n }\n",
}


class Readings:
    """Gives files, and counts how often each is asked for and parsed."""

    def __init__(self, **files: str) -> None:
        self.sources = {name: SourceFile(name, text) for name, text in {**FILES, **files}.items()}
        self.parsed: list[str] = []

    def read(self, importing: SourceFile, path: str) -> SourceFile | Unreadable:
        return self.sources.get(path, Unreadable("there is no such file"))

    def parse(self, source: SourceFile) -> object:
        self.parsed.append(source.name)
        return parse(source)

    def variants(self, net: str = "Main", probes: tuple[tree.Assert, ...] = ()) -> Variants:
        file, _ = parse(self.sources["main.net"])
        return Variants(file, self.read, net, probes, self.parse)


def probe(text: str) -> tree.Assert:
    expr, diagnostics = parse_expression(SourceFile("--where", text))
    assert expr is not None and not diagnostics
    return tree.Assert(expr.span, expr)


def made(variants: Variants, **parameters: object) -> Made:
    given = {name: str(value) for name, value in parameters.items()}
    return variants.together(lambda: variants.made(given, {}))


def test_imports_are_parsed_once() -> None:
    readings = Readings()
    variants = readings.variants(probes=(probe("params < 3"),))
    for n in range(1, 5):
        network = made(variants, n=n, times=2).network
        # 3 to 4, 4 to 4, and 4 to n channels, 9 weights each.
        assert network is not None and totals(network).params == 9 * (12 + 16 + 4 * n)
    assert readings.parsed == ["blocks.net"]


def test_equal_blocks_are_shared() -> None:
    variants = Readings().variants()
    first, second = (made(variants, n=n, times=1).network for n in (5, 6))
    assert first is not None and second is not None
    one, two = first.root.nodes, second.root.nodes
    assert one[1].instance is two[1].instance
    assert one[2].instance is not two[2].instance


def test_what_is_wrong_with_one_is_nothing_to_the_next() -> None:
    variants = Readings().variants()
    assert made(variants, n=2).network is not None
    for n in (0, -3):
        wrong = made(variants, n=n)
        assert wrong.network is None
        assert [d.name for d in wrong.diagnostics if d.severity is Severity.ERROR]
        assert str(n) in wrong.diagnostics[0].message
    right = made(variants, n=2)
    assert right.network is not None and not right.diagnostics


def test_probes_stand_at_the_end_of_the_net() -> None:
    """Also where it is defined in another file; they are told apart from its own asserts."""
    text = "net Base(k=1) { input 1x4x4; let twice = 2 * k; conv twice 1x1; assert params > 0 }\n"
    readings = Readings(
        **{"base.net": text, "main.net": 'from "base.net" import Base\nnet Main = Base\n'}
    )
    condition = probe("twice == 6 and out.channels == twice")
    variants = readings.variants(probes=(condition,))
    assert not variants.common and variants.parameters == ("k",)
    found = made(variants, k=3)
    assert [a.statement for a in found.probes] == [condition]
    assert len(found.assertions) == 1


def test_what_is_wrong_with_the_text_is_told_before() -> None:
    readings = Readings(**{"main.net": FILES["main.net"] + "block b() { cnv 3 1x1 }\n"})
    assert [d.name for d in readings.variants().common] == ["unknown-layer"]
    readings = Readings(**{"main.net": "net Main(n=1) { input 3x8x8; conv n 1x1 }"})
    variants = readings.variants(probes=(probe("parms < 3"),))
    assert [d.name for d in variants.common] == ["unknown-name"]


def test_values_are_judged_by_themselves() -> None:
    variants = Readings().variants()
    assert [d.name for d in variants.judged([("m", "1")], ())] == ["unknown-parameter"]
    assert [d.name for d in variants.judged([("n", "1/0")], ())] == ["division-by-zero"]
    assert not variants.judged([("n", "1")], ("3x8x8",))
    assert [d.name for d in variants.judged((), ("3.5",))] == ["wrong-input"]
