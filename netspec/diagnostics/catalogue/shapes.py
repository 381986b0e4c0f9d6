"""What is wrong with the shapes that layers take and give, explained.

Leaves merges to `merges.py`, and windows to `windows.py`.
"""

from __future__ import annotations

from netspec.diagnostics.catalogue.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        "annotation-differs",
        "a shape annotation says something else than the layer gives",
        "`-> 64x112x112` is checked against what comes out, as the output column of a paper's "
        "table would be. Where they differ, one of the two is wrong: the layers before, or the "
        "number. `_` matches any size.",
        "net Example {\n  input 3x8x8\n  conv 8 3x3 -> 8x8x8\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3 padding=1 -> 8x8x8\n}\n",
    ),
    Explanation(
        "wrong-rank",
        "a value or argument has more or fewer axes than needed",
        "The input's rank decides between one, two and three dimensions, and arguments follow it: "
        "`3` is a window of that rank, `3x3` is two-dimensional. A vector has no spatial axes for "
        "a window to move along.",
        "net Example {\n  input 3x8x8\n  conv 8 3x3x3\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3\n}\n",
    ),
    Explanation(
        "no-such-axis",
        "a value has no axis of this name",
        "Axes have names, `channels` and then the spatial ones, and keep them through `permute`. "
        "A two-dimensional map has `height` and `width`; `length` belongs to one dimension, "
        "`depth` to three.",
        "net Example {\n  input 3x8x8\n  mean length\n}\n",
        "net Example {\n  input 3x8x8\n  mean height width\n}\n",
    ),
    Explanation(
        "dense-on-feature-map",
        "a dense layer stands on a feature map",
        "A dense layer works along the last axis, which must be that of the channels. On a map it "
        "would be the width, which is hardly meant. `flatten` makes one vector of the whole map; "
        "`global_avgpool; flatten` takes the mean of each channel first, with far fewer weights "
        "behind it (Lin et al., arXiv:1312.4400).",
        "net Example {\n  input 3x8x8\n  conv 8 3x3; relu\n  dense 10\n}\n",
        "net Example {\n  input 3x8x8\n  conv 8 3x3; relu\n  global_avgpool; flatten\n"
        "  dense 10\n}\n",
    ),
    Explanation(
        "elements-differ",
        "a reshape changes the number of elements",
        "`reshape` arranges the same elements anew, so there are as many after it as before.",
        "net Example {\n  input 3x8x8\n  reshape 3x8x9\n}\n",
        "net Example {\n  input 3x8x8\n  reshape 3x64\n}\n",
    ),
    Explanation(
        "crop-too-large",
        "a crop is larger than its input",
        "`crop` cuts the middle out of a map, as the U-Net paper does with what its skips carry "
        "(Ronneberger et al., arXiv:1505.04597). To grow a map, `pad` or `resize` it.",
        "net Example {\n  input 3x8x8\n  crop 9x9\n}\n",
        "net Example {\n  input 3x8x8\n  crop 6x6\n}\n",
    ),
    Explanation(
        "size-vanishes",
        "an output would have a size below one",
        "Each axis of a value holds at least one element. The note gives the arithmetic: a "
        "transposed convolution's padding takes away from its output, `(L - 1)s - 2p + k`, and a "
        "scale below one may leave nothing of a small map.",
        "net Example {\n  input 3x1x1\n  conv_transpose 8 2x2 padding=1\n}\n",
        "net Example {\n  input 3x1x1\n  conv_transpose 8 2x2\n}\n",
    ),
    Explanation(
        "single-element",
        "a statistic is taken over a single element",
        "A norm takes away the mean and divides by the deviation. Of one element, the mean is the "
        "element itself, so what comes out is 0 whatever came in, and PyTorch refuses to train "
        "it. Put the norm before the pooling, or use one that looks across channels.",
        "net Example {\n  input 8x8x8\n  global_avgpool\n  instancenorm\n}\n",
        "net Example {\n  input 8x8x8\n  instancenorm\n  global_avgpool\n}\n",
    ),
)
