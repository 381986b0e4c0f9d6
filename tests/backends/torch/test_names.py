"""Names of the language as names of Python."""

import keyword

import pytest
from torch import nn

from netspec.analysis.python_names import renamings, reserved
from netspec.backends.torch import write_module
from netspec.backends.torch.names import CONTAINER_ATTRIBUTES, class_name, fresh, variable_name
from tests.backends.torch.written import networks


def test_whatever_a_module_has_is_reserved() -> None:
    module = nn.Linear(1, 1)
    own = {"in_features", "out_features", "weight", "bias", "reset_parameters"}
    taken = {name for name in {*dir(nn.Module), *dir(module)} if not name.startswith("__")}
    assert [name for name in sorted(taken - own) if not reserved(name) and "__" not in name] == [
        name for name in sorted(taken - own) if name in ("in_features", "out_features")
    ]


def test_containers_have_no_further_attributes() -> None:
    plain = set(dir(nn.Module))
    for container in (nn.Sequential(), nn.ModuleList(), nn.ModuleDict()):
        more = {name for name in set(dir(container)) - plain if not name.startswith("_")}
        assert more <= CONTAINER_ATTRIBUTES | {"training"}


@pytest.mark.parametrize("word", keyword.kwlist)
def test_keywords_get_an_underscore(word: str) -> None:
    assert renamings([word]) == {word: f"{word}_"}


def test_a_renamed_label_hides_no_other() -> None:
    assert renamings(["in", "in_", "conv1"]) == {"in": "in__"}
    assert renamings(["forward", "type", "layer1"]) == {"forward": "forward_", "type": "type_"}


def test_leading_underscores_are_not_left_to_be_mangled() -> None:
    assert renamings(["__x", "_parameters"]) == {
        "__x": "label__x",
        "_parameters": "label_parameters",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bottleneck", "Bottleneck"),
        ("conv_bn_relu", "ConvBnRelu"),
        ("ResNet50", "ResNet50"),
        ("VGG16_BN", "VGG16BN"),
        ("RegNet_X_1_6GF", "RegNetX1p6GF"),
        ("RegNet_X_16GF", "RegNetX16GF"),
        ("none", "NoneModule"),
        ("tensor", "TensorModule"),
        ("_", "Block"),
        ("I", "IModule"),
    ],
)
def test_class_names(name: str, expected: str) -> None:
    assert class_name(name) == expected


def test_numbers_are_kept_apart_from_the_name() -> None:
    assert fresh("Bottleneck", {"Bottleneck"}) == "Bottleneck2"
    assert fresh("Stage2", {"Stage2", "Stage2V2"}) == "Stage2V3"


def test_variables_are_lower_case_and_no_words() -> None:
    assert variable_name("C3", "y") == "c3"
    assert variable_name("lambda", "y") == "y"
    assert variable_name("torch", "y") == "torch_"


def test_the_text_says_which_labels_are_renamed() -> None:
    spec = "net T { input 3x8x8; class: conv 4 1; tail: { if: conv 3 1 } }"
    text = write_module(networks(spec)).text
    assert "    class_: class\n    if_: if\n" in text.split('"""')[1]
