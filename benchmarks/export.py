"""Measures the export of ResNet-50 as whole processes side by side, in time and in memory.

netspec with weights and without; torch.onnx.export of the written module, both of its ways, torch's
import included; the same graph and weights by onnx.helper from NumPy arrays; and `import onnx`,
which is the least that any of them takes. What the figures should be is left to the reader.

    python benchmarks/export.py [--rounds 7] [--markdown]

`torch.onnx.export(dynamo=True)` needs the package onnxscript; without it, it is left out.
"""
