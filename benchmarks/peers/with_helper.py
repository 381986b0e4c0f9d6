"""onnx.helper: a model node by node, with random weights, as a script would make it by hand.

What stands in it is read from the graph without weights at sys.argv[1]; it is written to the other.
"""

import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

graph = onnx.load(sys.argv[1]).graph
nodes = [
    helper.make_node(
        node.op_type,
        list(node.input),
        list(node.output),
        node.name,
        **{a.name: helper.get_attribute_value(a) for a in node.attribute},
    )
    for node in graph.node
]
random = np.random.default_rng(0)
tensors, inputs = [], []
for info in graph.input:
    dims = [d.dim_value or d.dim_param for d in info.type.tensor_type.shape.dim]
    if isinstance(dims[0], str):
        inputs.append(helper.make_tensor_value_info(info.name, 1, dims))
    else:
        numbers = random.random(dims, dtype=np.float32) - np.float32(0.5)
        tensors.append(numpy_helper.from_array(numbers, info.name))
made = helper.make_graph(nodes, graph.name, inputs, list(graph.output), tensors)
onnx.save(helper.make_model(made), sys.argv[2])
