"""onnx.shape_inference, of the graph without weights that `netspec onnx` wrote at sys.argv[1]."""

import sys

import onnx
from onnx.shape_inference import infer_shapes

inferred = infer_shapes(onnx.load(sys.argv[1]), check_type=True, strict_mode=True)
assert len(inferred.graph.value_info) == len(inferred.graph.node) - 1
print(len(inferred.graph.value_info))
