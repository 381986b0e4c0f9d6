"""What `zoo:` names stand for, the papers of the shipped specs, and copies of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec.analysis.examine import examine
from netspec.files import Files
from netspec.source import SourceFile
from netspec.syntax import parse
from netspec.syntax.tree import Net, NetAlias
from netspec.zoo import names
from netspec.zoo.copying import standalone
from netspec.zoo.names import NotShipped, Shipped, find
from netspec.zoo.papers import papers_of
from tests.zoo.facts import SPECS, torchvision

FILES = sorted(path.name for path in SPECS.glob("*.net"))


def nets_of(file: str) -> list[Net | NetAlias]:
    tree, diagnostics = parse(SourceFile(file, (SPECS / file).read_text(encoding="utf-8")))
    assert not diagnostics
    return [item for item in tree.items if isinstance(item, Net | NetAlias)]


# --- names ----------------------------------------------------------------------------------------


def test_names_are_unique() -> None:
    """Over all files, in lower case; templates too, since they may be named."""
    found = [net.name.id.lower() for file in FILES for net in nets_of(file)]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("file", FILES)
def test_the_nets_of_a_file_are_found_without_parsing_it(file: str) -> None:
    for net in nets_of(file):
        place = find(f"zoo:{file}")
        assert place == Shipped(file)
        # A template gives way to the file that is called as it is.
        template = isinstance(net, Net) and any(p.default is None for p in net.parameters)
        own_file = f"{net.name.id.lower()}.net" in FILES
        expected = Shipped(file, None if template and own_file else net.name.id)
        assert find(f"zoo:{net.name.id}") == expected
        assert find(f"zoo:{net.name.id.lower()}") == expected


def test_templates_are_those_that_elaboration_leaves_out() -> None:
    """The rule by which a net's head is read, a first parameter without default, holds."""
    for file in FILES:
        files = Files()
        source = files.read(f"zoo:{file}")
        templates = examine(source, files.importer(source)).elaboration.templates
        for net in nets_of(file):
            first = isinstance(net, Net) and net.parameters[:1]
            assert (net.name.id in templates) == bool(first and first[0].default is None), net.name


def test_torchvisions_networks_have_the_names_of_its_builders() -> None:
    for builder in set(torchvision()) - {"googlenet_aux"}:
        place = find(f"zoo:{builder}")
        assert place.net is not None and place.net.lower() == builder


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("zoo:resnet", Shipped("resnet.net")),
        ("zoo:RESNET.net", Shipped("resnet.net")),
        ("zoo:alexnet", Shipped("alexnet.net", "AlexNet")),
        ("zoo:alexnet.net", Shipped("alexnet.net")),
        ("zoo:blocks", Shipped("blocks.net")),
        ("zoo:RegNet_Y_400MF", Shipped("regnet.net", "RegNet_Y_400MF")),
        ("zoo:cnn_c", Shipped("allcnn.net", "CNN_C")),  # a template without a file of its name
    ],
)
def test_nets_files_and_templates(path: str, place: Shipped) -> None:
    assert find(path) == place


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        ("zoo:resnt50", "zoo:resnet50"),
        ("zoo:resnt", "zoo:resnet"),
        ("zoo:ResNet50.net", "zoo:resnet50"),  # the file is resnet.net
        ("zoo:mobilenetv3_large", "zoo:mobilenet_v3_large"),
        ("zoo:", ""),
        ("zoo:../resnet", ""),
        ("zoo:zzzzzzzz", ""),
        ("zoo:resnet50.py", ""),
    ],
)
def test_what_is_no_name(path: str, instead: str) -> None:
    with pytest.raises(NotShipped) as caught:
        find(path)
    assert caught.value.instead == instead
    assert "\n" not in str(caught.value)


def test_patterns() -> None:
    def found(pattern: str | None) -> set[str]:
        return {net for _, nets in names.matching(pattern) for net in nets}

    assert found("mobilenet_v3_l*") == {"MobileNet_V3_Large"}
    assert found("*_v2") >= {"MobileNet_V2"} and "EfficientNet_V2_S" not in found("*_v2")
    assert found("video_resnet") == {"VideoResNet18", "R3D_18", "MC3_18", "R2Plus1D_18"}
    assert found("zoo:ResNet18") == {"ResNet18", "VideoResNet18"}
    assert found("nothing") == set()
    assert {file for file, _ in names.matching(None)} == {f for f in FILES if nets_of(f)}


# --- papers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [file for file in FILES if nets_of(file)])
def test_each_file_names_its_paper(file: str) -> None:
    papers = papers_of((SPECS / file).read_text(encoding="utf-8"))
    assert papers
    assert all("\n" not in paper and len(paper) < 160 for paper in papers)


@pytest.mark.parametrize(
    ("text", "papers"),
    [
        (
            '# ResNet. He, "Deep Residual\n# Learning", arXiv:1512.03385, table 1.\n\n# "No"',
            ('"Deep Residual Learning", arXiv:1512.03385',),
        ),
        (
            '# LeNet-5. LeCun, "Learning", Proceedings of the IEEE 86(11), 1998, section II.B.\n',
            ('"Learning", Proceedings of the IEEE 86(11), 1998',),
        ),
        (
            '# A. B, "One", 2012; and C, "Two", arXiv:1404.5997, 2014, which is another.\n',
            ('"One", 2012', '"Two", arXiv:1404.5997'),
        ),
        ('# What others call "a block"; from 1998 on.\nnet A { input 3x8x8 }\n', ()),
        ("net A { input 3x8x8 }\n", ()),
        ("", ()),
    ],
)
def test_papers_of_a_comment(text: str, papers: tuple[str, ...]) -> None:
    assert papers_of(text) == papers


# --- copies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_a_copy_differs_in_its_imports_alone(file: str, tmp_path: Path) -> None:
    source = Files().read(f"zoo:{file}")
    text = standalone(source)
    before, after = source.text.split("\n"), text.split("\n")
    for old, new in zip(before, after, strict=True):
        if old != new:
            assert old.startswith('from "') and new == old.replace('.net"', '"').replace(
                'from "', 'from "zoo:'
            )
    assert not [line for line in after if line.startswith('from "') and "zoo:" not in line]
    path = tmp_path / "own.net"
    path.write_text(text, encoding="utf-8")
    files = Files()
    own = files.read(str(path))
    assert not examine(own, files.importer(own)).diagnostics


def test_a_copy_touches_no_strings_but_imports() -> None:
    text = '# from "resnet.net" import a\nfrom "resnet.net" import a; from "x.net" import b\n'
    expected = text.replace('\nfrom "resnet.net"', '\nfrom "zoo:resnet"')
    assert standalone(SourceFile("a.net", text)) == expected
