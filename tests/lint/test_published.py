"""Published designs beside the zoo's, and what the default rules say of them.

A rule that speaks here must be right about the design: each finding that remains has its reason.
The specs are in `published/`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec.analysis.examine import examine
from netspec.files import Files
from netspec.lint.runner import lint
from netspec.source import SourceFile, Unreadable

FOLDER = Path(__file__).parent / "published"
DESIGNS = sorted(path.stem for path in FOLDER.glob("*.net"))

#: By the design: what is found, how often, and why an expert agrees.
EXPECTED: dict[str, dict[str, int]] = {
    # 3x3 with stride 2, the case of the paper that found the checkerboards.
    "autoencoders": {"checkerboard": 2},
    "enet": {"checkerboard": 1},
    "image_to_image": {"checkerboard": 2},
    # Biases that the papers' code leaves on before a normalisation: they do nothing.
    "dense_prediction": {"bias-before-norm": 4},
    "efficientdet": {"bias-before-norm": 1},
    "gans": {"bias-before-norm": 1},
    "sequences": {"bias-before-norm": 1},
    # Bags of local features, by the paper that the rule quotes.
    "attention_and_bags": {"receptive-field-small": 1},
    # YOLO v1's dense layer of 205 million weights, which v2 gave up for convolutions; SSD's last
    # map is 1x1, where eight ninths of a padded 3x3 kernel meet zeros.
    "detectors": {"huge-dense": 1, "kernel-wider-than-input": 1},
    # The innermost 4x4 convolution reads 2x2 positions: 12 of its 16 weights meet padding.
    "pix2pix_unet": {"kernel-wider-than-input": 1},
    # Statistics of one value an image: batches of one cannot train. And one idle bias.
    "resnest_sk": {"batchnorm-on-one-position": 2, "bias-before-norm": 1},
    # 38 of 39 million parameters in one dense layer; a 7x7 kernel before the time of 3x3 stacks.
    "siamese": {"huge-dense": 1, "large-kernel": 1},
    # AlexNet's two graphics cards; the face embedding's dense layer, nearly half of its net.
    "small_images": {"bias-before-norm": 1, "groups-never-mix": 1, "huge-dense": 1},
    # WaveNet gives probabilities, and is trained on its logits.
    "wavenet": {"softmax-output": 1},
}


@pytest.mark.parametrize("design", DESIGNS)
def test_default_rules_agree_with_experts(design: str) -> None:
    path = FOLDER / f"{design}.net"
    files = Files()

    def read(importing: SourceFile, name: str) -> SourceFile | Unreadable:
        return files.read(name)

    examined = examine(files.read(str(path)), read)
    assert not examined.failed
    found: dict[str, int] = {}
    for d in lint(examined):
        found[d.name] = found.get(d.name, 0) + 1
    assert found == EXPECTED.get(design, {})


def test_every_expectation_has_its_design() -> None:
    assert set(EXPECTED) <= set(DESIGNS)
    assert len(DESIGNS) >= 40
