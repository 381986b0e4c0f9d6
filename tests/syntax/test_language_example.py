"""The large example with which the language is introduced parses to the tree that it shows."""

from __future__ import annotations

from netspec.source import SourceFile
from netspec.syntax import parse
from tests.syntax.dump import dump

EXAMPLE = """\
# Deep Residual Learning (He et al., 2015), table 1.
block bottleneck(width, stride=1) {
  default conv bias=false
  residual {
    conv1: conv width 1x1;                          bn1: batchnorm; relu
    conv2: conv width 3x3 stride=stride padding=1;  bn2: batchnorm; relu
    conv3: conv 4*width 1x1;                        bn3: batchnorm
  } shortcut {
    if stride != 1 or in.channels != 4*width {
      downsample: { conv 4*width 1x1 stride=stride; batchnorm }
    }
  }
  relu
}

inline block stage(unit, width, n, stride=2) { unit width stride=stride; repeat n - 1 {
  unit width
} }

net ResNet(unit, n1, n2, n3, n4, classes=1000) {
  input 3x224x224
  conv1: conv 64 7x7 stride=2 padding=3 bias=false   -> 64x112x112
  bn1: batchnorm; relu
  maxpool 3x3 stride=2 padding=1
  layer1: stage unit 64 n1 stride=1
  layer2: stage unit 128 n2
  layer3: stage unit 256 n3
  layer4: stage unit 512 n4                          -> _x7x7
  global_avgpool; flatten
  fc: dense classes
}

net ResNet50 = ResNet bottleneck 3 4 6 3
net ResNet101 = ResNet bottleneck 3 4 23 3

block conv_relu(filters, kernel, padding=0) { conv filters kernel padding=padding; relu }

block inception(c1, r3, c3, r5, c5, proj) {
  concat {
    conv_relu c1 1x1
    { conv_relu r3 1x1; conv_relu c3 3x3 padding=1 }
    { conv_relu r5 1x1; conv_relu c5 5x5 padding=2 }
    { maxpool 3x3 stride=1 padding=1; conv_relu proj 1x1 }
  }
}

net VGG(stages, norm=false, classes=1000) {
  input 3x224x224
  features: {
    repeat stages as n, c {
      repeat n { conv c 3x3 padding=1; if norm { batchnorm }; relu }
      maxpool 2x2
    }
  } -> 512x7x7
  flatten
  classifier: { dense 4096; relu; dropout; dense 4096; relu; dropout; dense classes }
}

net VGG16_BN = VGG [[2, 64], [2, 128], [3, 256], [3, 512], [3, 512]] norm=true
"""

TREE = """\
Block(bottleneck(width, stride=1) {Default(conv bias=false); Residual({\
Labelled(conv1 Apply(conv width 1x1)); Labelled(bn1 Apply(batchnorm)); Apply(relu); \
Labelled(conv2 Apply(conv width 3x3 stride=stride padding=1)); Labelled(bn2 Apply(batchnorm)); \
Apply(relu); Labelled(conv3 Apply(conv <4 * width> 1x1)); Labelled(bn3 Apply(batchnorm))} \
{If(if <<stride != 1> or <in.channels != <4 * width>>> {Labelled(downsample \
{Apply(conv <4 * width> 1x1 stride=stride); Apply(batchnorm)})})}); Apply(relu)})
Inline(stage(unit, width, n, stride=2) {Apply(unit width stride=stride); \
Repeat(<n - 1>  {Apply(unit width)})})
Net(ResNet(unit, n1, n2, n3, n4, classes=1000) {Input(3x224x224); Labelled(conv1 \
Annotated(Apply(conv 64 7x7 stride=2 padding=3 bias=false) 64x112x112)); \
Labelled(bn1 Apply(batchnorm)); Apply(relu); Apply(maxpool 3x3 stride=2 padding=1); \
Labelled(layer1 Apply(stage unit 64 n1 stride=1)); Labelled(layer2 Apply(stage unit 128 n2)); \
Labelled(layer3 Apply(stage unit 256 n3)); \
Labelled(layer4 Annotated(Apply(stage unit 512 n4) _x7x7)); Apply(global_avgpool); \
Apply(flatten); Labelled(fc Apply(dense classes))})
NetAlias(ResNet50 Apply(ResNet bottleneck 3 4 6 3))
NetAlias(ResNet101 Apply(ResNet bottleneck 3 4 23 3))
Block(conv_relu(filters, kernel, padding=0) {Apply(conv filters kernel padding=padding); \
Apply(relu)})
Block(inception(c1, r3, c3, r5, c5, proj) {Merge(concat  {Apply(conv_relu c1 1x1); \
{Apply(conv_relu r3 1x1); Apply(conv_relu c3 3x3 padding=1)}; \
{Apply(conv_relu r5 1x1); Apply(conv_relu c5 5x5 padding=2)}; \
{Apply(maxpool 3x3 stride=1 padding=1); Apply(conv_relu proj 1x1)}})})
Net(VGG(stages, norm=false, classes=1000) {Input(3x224x224); Labelled(features \
Annotated({Repeat(stages n, c {Repeat(n  {Apply(conv c 3x3 padding=1); \
If(if norm {Apply(batchnorm)}); Apply(relu)}); Apply(maxpool 2x2)})} 512x7x7)); Apply(flatten); \
Labelled(classifier {Apply(dense 4096); Apply(relu); Apply(dropout); Apply(dense 4096); \
Apply(relu); Apply(dropout); Apply(dense classes)})})
NetAlias(VGG16_BN Apply(VGG [[2, 64], [2, 128], [3, 256], [3, 512], [3, 512]] norm=true))"""


def test_the_example_parses_as_it_reads() -> None:
    file, diagnostics = parse(SourceFile("example.net", EXAMPLE))
    assert not diagnostics
    assert dump(file) == TREE
