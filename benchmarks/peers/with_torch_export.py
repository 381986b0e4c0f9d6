"""torch.onnx.export of `written.ResNet50`, which netspec wrote: sys.argv is the way, the opset.

`legacy` takes twice as long where onnxscript is installed, and is kept from it.
"""

import sys
import warnings


def main(way: str, opset: str) -> None:
    """Write `torch-WAY.onnx`."""
    if way == "legacy":
        sys.modules["onnxscript"] = None
    import torch
    import written

    torch.onnx.export(
        written.ResNet50().eval(),
        (torch.zeros(1, 3, 224, 224),),
        f"torch-{way}.onnx",
        verbose=False,
        opset_version=int(opset),
        dynamo=way == "dynamo",
    )


warnings.simplefilter("ignore")
sys.path.insert(0, ".")
main(*sys.argv[1:])
