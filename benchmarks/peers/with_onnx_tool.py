"""onnx-tool: shapes and multiply-accumulates of the graph without weights at sys.argv[1]."""

import sys

import numpy
import onnx_tool

onnx_tool.model_profile(sys.argv[1], {"input": numpy.zeros((1, 3, 224, 224), numpy.float32)})
