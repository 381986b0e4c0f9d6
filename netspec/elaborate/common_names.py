"""Names of layers in other frameworks, for the help that a slip of that kind deserves.

Everything else about suggestions is `report.nearest`.
"""

from __future__ import annotations

#: What people of other frameworks write, and what it is called here.
COMMON_NAMES = {
    "conv1d": "conv",
    "conv2d": "conv",
    "conv3d": "conv",
    "convolution": "conv",
    "bn": "batchnorm",
    "batchnorm2d": "batchnorm",
    "batch_norm": "batchnorm",
    "linear": "dense",
    "fc": "dense",
    "fully_connected": "dense",
    "maxpool2d": "maxpool",
    "max_pool": "maxpool",
    "avgpool2d": "avgpool",
    "avg_pool": "avgpool",
    "gap": "global_avgpool",
    "deconv": "conv_transpose",
    "convtranspose": "conv_transpose",
    "convtranspose2d": "conv_transpose",
    "depthwise": "dwconv",
    "depthwise_conv": "dwconv",
    "swish": "silu",
    "hswish": "hardswish",
    "hsigmoid": "hardsigmoid",
    "leakyrelu": "leaky_relu",
    "droppath": "stochastic_depth",
    "dropout2d": "spatial_dropout",
    "layer_norm": "layernorm",
    "group_norm": "groupnorm",
    "instance_norm": "instancenorm",
    "interpolate": "resize",
    "pixelshuffle": "pixel_shuffle",
    "zeropad": "pad",
    "skip": "identity",
    "split": "slice",
    "logsoftmax": "log_softmax",
}
