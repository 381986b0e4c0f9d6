"""From a network to an ONNX model: walks the flat layers, names tensors, adds weights and outputs.

Nodes are left to the families' tables, the numbers of tensors to `weights.py` and `matching.py`,
bytes to `stream.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import onnx
from onnx import helper

import netspec
from netspec import limits
from netspec.analysis.initialisation import distributions
from netspec.backends.onnx import metadata
from netspec.backends.onnx.checkpoint import Checkpoint
from netspec.backends.onnx.emitter import (
    BATCH,
    LARGEST_INT,
    Emitter,
    Layer,
    Unsupported,
    Value,
    info,
    newest_opset,
)
from netspec.backends.onnx.floats import FLOATS
from netspec.backends.onnx.fold import Fold, fold, fold_scopes, folded
from netspec.backends.onnx.functions import DOMAIN, Functions
from netspec.backends.onnx.helpers import Lowering, expand_batch
from netspec.backends.onnx.matching import match
from netspec.backends.onnx.noise import LOWERINGS as PASSED_ON
from netspec.backends.onnx.scopes import Scope, scopes
from netspec.backends.onnx.stream import Model, Source, Tensor
from netspec.backends.onnx.table import LOWERINGS
from netspec.backends.onnx.weights import initial, named, weight_name
from netspec.graph.graph import Network
from netspec.graph.shape import Shape
from netspec.graph.size import Size
from netspec.graph.walk import Flat, FlatNode, flatten
from netspec.ops.values import has_text, shown

OLDEST_OPSET = 13
#: The first in which ONNX's own shape inference sizes pools as PyTorch does, and which knows every
#: operator that is written; read by ONNX Runtime since 1.20 (2024).
DEFAULT_OPSET = 22
#: The first version of the format that knows functions.
FUNCTIONS_IR = 8


def write_model(
    network: Network,
    *,
    opset: int | None = None,
    seed: int = 0,
    weights: bool | Checkpoint = True,
    dtype: str = "float32",
    fold_batchnorm: bool = False,
    functions: bool = False,
) -> Model:
    """The network at inference, as an ONNX model.

    Initializers have the parameters' names (`layer1.0.conv2.weight`) and PyTorch's shapes; what
    exists in training only is left out. `opset` is from OLDEST_OPSET to the newest that the
    installed onnx knows. Without `weights` the parameters are inputs of the graph, after the net's
    own; a checkpoint has those that training gave. All numbers are of `dtype`, one of FLOATS.
    `fold_batchnorm` takes norms into the layers before them, see `fold.py`. With `functions`, each
    block is a local function of the model, and a call of it one node.

    Raises `Unsupported` for what cannot be written, WeightsDiffer for a checkpoint of another net,
    and ValueError for options that mean nothing.
    """
    if dtype not in FLOATS:
        raise ValueError(f"dtype is one of {', '.join(FLOATS)}, not {dtype}")
    if fold_batchnorm and weights is False:
        raise ValueError("norms are folded into weights; without weights there is nothing to fold")
    opset = DEFAULT_OPSET if opset is None else opset
    newest = newest_opset()
    if not OLDEST_OPSET <= opset <= newest:
        raise Unsupported(
            f"opset {opset} is not among those that can be written: {OLDEST_OPSET} to {newest}"
        )
    if network.root.size > limits.ONNX_LAYERS:
        raise Unsupported(
            f"{network.name} expands to {network.root.size:,} layers; an ONNX graph lists each, "
            f"and at most {limits.ONNX_LAYERS:,} are written"
        )
    flat = flatten(network)
    sources = _sources(network, flat, seed, weights) if weights else {}
    main, blocks, folds = _structure(network, flat, functions, fold_batchnorm)
    e = Emitter(opset, FLOATS[dtype])
    _reserve(e, network, main)
    inputs = _inputs(e, network, main)
    written = Functions(opset, e.float, LOWERINGS, _layers)
    for block in blocks:
        written.add(block)
    values = _layers(e, main, written.lowerings, inputs, _named_outputs(main))
    outputs = _outputs(e, main, inputs, values)
    e.parameters = named(main)
    graph = _graph(e, network, inputs, outputs)
    if not weights:
        graph.input.extend(info(e.values[name]) for name in e.parameters)
    properties = metadata.properties(network, flat, bool(folds))
    tensors = _tensors(e, sources | folded(folds, sources)) if weights else ()
    return Model(_model(graph, network, opset, written.protos, properties), tensors)


def _structure(
    network: Network, flat: Flat, functions: bool, fold_batchnorm: bool
) -> tuple[Flat, list[Scope], tuple[Fold, ...]]:
    """The layers of the main graph, those of each function, and the norms that are folded away."""
    if functions:
        main, blocks = scopes(network)
        return fold_scopes(main, blocks) if fold_batchnorm else (main, blocks, ())
    main, folds = fold(flat) if fold_batchnorm else (flat, ())
    return main, [], folds


def _kept(flat: Flat) -> list[FlatNode]:
    """What exists at inference."""
    return [layer for layer in flat.nodes if not layer.training]


def _reserve(e: Emitter, network: Network, flat: Flat) -> None:
    """Inputs, outputs and parameters keep the names that the language gives them."""
    for name, _ in network.inputs:
        e.reserve(name)
    for output in network.outputs:
        if not output.training and not e.reserve(output.name):
            raise Unsupported(
                f"an input and an output are both named {output.name}, which ONNX cannot hold",
                output.span,
            )
    for layer in _kept(flat):
        if not layer.path:
            continue
        for weight in layer.node.weights:
            name = weight_name(layer.path, weight)
            if not weight.counter and not e.reserve(name):
                raise Unsupported(
                    f"the parameter {name} and an input, output or parameter share that name, "
                    f"which ONNX cannot hold",
                    layer.node.span,
                )


def _inputs(e: Emitter, network: Network, flat: Flat) -> list[Value]:
    """The graph's inputs, in the order in which their nodes stand."""
    names = iter(_inputs_in_order(network))
    inputs: list[Value] = []
    for layer in _kept(flat):
        if layer.node.op == "input":
            value = Value(next(names), (BATCH, *layer.node.shape.dims), e.float.code)
            e.values[value.name] = value
            inputs.append(value)
            for axis, dim in enumerate(value.dims):
                if isinstance(dim, Size) and axis and dim == Size.symbol(str(dim)):
                    e.symbols.setdefault(str(dim), (value, axis))
    return inputs


def _layers(
    e: Emitter,
    flat: Flat,
    table: Mapping[str, Lowering],
    inputs: Sequence[Value],
    named: Mapping[int, str] = MappingProxyType({}),
) -> dict[int, Value]:
    """Writes every layer: the tensor of each flat value, of which some are named as outputs."""
    given = iter(inputs)
    e.batched = inputs[0] if inputs else None
    values: dict[int, Value] = {}
    shapes = [layer.node.shape for layer in flat.nodes]
    for layer in _kept(flat):
        if layer.node.op == "input":
            values[layer.index] = next(given)
            continue
        before = len(e.nodes)
        value = _lower(e, layer, table, values, shapes)
        if len(e.nodes) > before and e.nodes[-1].output[0] == value.name:
            output = named.get(layer.index) if value.batch != 1 else None
            if output is not None:
                value = e.rename(value, output, layer.path or value.name)
            elif layer.path:
                value = e.rename(value, e.unique(layer.path), layer.path)
        values[layer.index] = value
    return values


def _inputs_in_order(network: Network) -> list[str]:
    """Names of the inputs in the order in which their nodes stand."""
    return [name for name, _ in sorted(network.inputs, key=lambda item: item[1])]


def _named_outputs(flat: Flat) -> dict[int, str]:
    """The output's name for each value that is one, through layers that pass their input on."""
    source = list(range(len(flat.nodes)))
    for layer in flat.nodes:
        if layer.node.op in PASSED_ON and layer.inputs:
            source[layer.index] = source[layer.inputs[0]]
    named: dict[int, str] = {}
    for name, index, training in flat.outputs:
        if not training:
            named.setdefault(source[index], name)
    return named


def _lower(
    e: Emitter,
    layer: FlatNode,
    table: Mapping[str, Lowering],
    values: Mapping[int, Value],
    shapes: list[Shape],
) -> Value:
    node = layer.node
    path = layer.path or layer.shares or ""
    lowering = table.get(node.op)
    shown_path = ".".join(part for part in (e.within, path) if part)
    shown_path = f"{shown_path}: " if shown_path else ""
    if lowering is None:
        raise Unsupported(f"{shown_path}`{node.op}` cannot be written as ONNX", node.span)
    weights = {
        weight.name: e.parameter(weight_name(path, weight), weight)
        for weight in node.weights
        if not weight.counter
    }
    e.enter(path or layer.scope)
    described = Layer(
        op=node.op,
        path=path,
        attributes=dict(node.attributes),
        inputs=tuple(values[i] for i in layer.inputs),
        shapes=tuple(shapes[i] for i in layer.inputs),
        shape=node.shape,
        weights=weights,
    )
    try:
        if not _fits(tuple(described.attributes.values())):
            raise Unsupported(f"`{node.op}` has a number that ONNX cannot hold")
        return lowering(e, described)
    except Unsupported as reason:
        raise Unsupported(f"{shown_path}{reason}", node.span) from None


def _fits(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_fits, value))
    return not isinstance(value, int) or abs(value) <= LARGEST_INT


def _outputs(
    e: Emitter, flat: Flat, inputs: list[Value], values: Mapping[int, Value]
) -> list[Value]:
    """The graph's outputs, each under its own name and with the batch of the inputs."""
    outputs: list[Value] = []
    e.enter("outputs")
    for name, index, training in flat.outputs:
        if training:
            continue
        value = values[index]
        if value.name != name:
            if value.batch == 1:
                value = expand_batch(e, value, inputs[0])
            else:
                value = e.node("Identity", [value], value.dims)
            value = e.rename(value, name, value.name)
        outputs.append(value)
    return outputs


def _graph(
    e: Emitter, network: Network, inputs: list[Value], outputs: list[Value]
) -> onnx.GraphProto:
    stated = {value.name for value in (*inputs, *outputs)} | set(e.parameters)
    order = {name: place for place, (name, _) in enumerate(network.inputs)}
    inputs = sorted(inputs, key=lambda value: order[value.name])
    return helper.make_graph(
        e.nodes,
        network.name,
        [info(value) for value in inputs],
        [info(value) for value in outputs],
        value_info=[info(value) for name, value in e.values.items() if name not in stated],
    )


def _sources(
    network: Network, flat: Flat, seed: int, weights: bool | Checkpoint
) -> dict[str, Source]:
    """Where the numbers of each tensor come from, by its full name."""
    if isinstance(weights, Checkpoint):
        return {**match(weights, network, flat)}
    return {**initial(flat, seed, distributions(network, flat))}


def _tensors(e: Emitter, sources: Mapping[str, Source]) -> tuple[Tensor, ...]:
    """The initializers, in the order of execution; their size is bounded before any is made."""
    tensors = tuple(
        Tensor(name, weight.shape, sources[name], e.float) for name, weight in e.parameters.items()
    )
    size = sum(tensor.size for tensor in tensors)
    if size > limits.ONNX_WEIGHT_BYTES:
        most = limits.ONNX_WEIGHT_BYTES // 10**9
        raise Unsupported(
            f"the weights come to {size / 1e9:,.1f} GB, and at most {most} GB are written; "
            f"the graph alone can be written without them"
        )
    return tensors


def _model(
    graph: onnx.GraphProto,
    network: Network,
    opset: int,
    functions: list[onnx.FunctionProto],
    more: Mapping[str, str],
) -> onnx.ModelProto:
    opsets = [helper.make_opsetid("", opset)]
    version = helper.find_min_ir_version_for(opsets)
    if functions:
        opsets.append(helper.make_opsetid(DOMAIN, 1))
        version = max(version, FUNCTIONS_IR)
    model = helper.make_model(
        graph,
        opset_imports=opsets,
        functions=functions,
        ir_version=version,
        producer_name="netspec",
        producer_version=str(getattr(netspec, "__version__", "")),
    )
    properties = {"net": network.name}
    for name, value in network.parameters.items():
        if has_text(value):
            properties[f"parameter.{name}"] = shown(value)
    conditions = [condition.text for condition in network.conditions.stated.values()]
    if conditions:
        model.doc_string = "Made for sizes with " + ", ".join(conditions)
    helper.set_model_props(model, {**properties, **more})
    return model
