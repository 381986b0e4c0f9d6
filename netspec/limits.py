"""Every limit on what a spec may ask for, in one place.

Leaves to the stages the diagnostics that say a limit was passed. A limit is far above what real
networks need, and low enough that no input takes more than seconds or overflows a stack.
"""

from __future__ import annotations

# --- text -------------------------------------------------------------------------------------

#: Characters of one file.
FILE_SIZE = 4 * 1024 * 1024
#: Characters of one line.
LINE_LENGTH = 20_000
#: Brackets of any kind inside one another.
NESTING = 100
#: Levels of an expression: parentheses, signs, `not`, powers, conditionals.
EXPRESSION_DEPTH = 100
#: Digits of one number as it is written, and digits of its exponent.
NUMBER_DIGITS = 30
EXPONENT_DIGITS = 4
#: Sizes in one `3x224x224`.
DIMS_LENGTH = 16
#: Segments of one label or reference.
PATH_LENGTH = 100
#: Syntax errors reported in one file.
SYNTAX_ERRORS = 25
#: Diagnostics kept of one file's text, so that a hostile file does not fill the memory.
DIAGNOSTICS = 1_000

# --- networks ---------------------------------------------------------------------------------

#: Instances of layers in one network, those of a `repeat` counted each.
INSTANCES = 2**63 - 1
#: Layers that are built one by one, where something must see each of them.
UNROLLED_LAYERS = 300_000
#: Layers of one network that are looked at one by one for what their weights begin as.
INITIALISED_LAYERS = 30_000
#: Calls of blocks inside one another.
CALL_DEPTH = 400
#: Terms of one symbolic size, those inside its floors included.
SIZE_TERMS = 200
#: The largest size of one axis.
SIZE = 2**40
#: Examples of one batch whose memory is asked for, far beyond any machine's.
BATCH = 1_000_000_000

# --- written models ---------------------------------------------------------------------------

#: Layers of an ONNX graph, which lists each of them.
ONNX_LAYERS = 1_000_000
#: Functions that call each other: onnx and ONNX Runtime refuse deeper ones.
ONNX_FUNCTION_DEPTH = 100
#: Weights that one ONNX file takes: protobuf holds less than 2 GiB, and the graph needs some of it.
ONNX_FILE_BYTES = 2_000_000_000
#: Weights above which a model has them in a second file, unless it is told otherwise.
ONNX_INLINE_BYTES = 1_000_000_000
#: Weights of one model in all: the largest convolutional networks have some 40 GB.
ONNX_WEIGHT_BYTES = 100_000_000_000
#: Elements of a tensor that starts out orthogonal, which is decomposed as a whole in float64.
ORTHOGONAL_ELEMENTS = 2**27

# --- sweeps -----------------------------------------------------------------------------------

#: Variants of one sweep, which are counted before the first is made.
SWEEP_VARIANTS = 1_000_000
#: Blocks, and values of parameters, that one variant leaves to the next.
SWEEP_BLOCKS = 2**14
#: Variants that a plot shows; those on the front are all shown.
SWEEP_PLOTTED = 5_000
