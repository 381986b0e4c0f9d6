"""The model of what `netspec memory --json` prints.

The object itself is made by `reports.memory_json`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.shared import Model


class Movement(Model):
    """Bytes read and written by the whole batch at inference at the least, and what for."""

    flops: int = Field(ge=0, description="FLOPs of the batch")
    moved: int = Field(ge=0, description="bytes")
    intensity: float = Field(ge=0, description="FLOPs a byte, to 4 places; 0 where nothing moves")
    fused: int = Field(
        ge=0,
        description="bytes where activations, batchnorm and scale are applied as the layer before "
        "them writes",
    )
    intensity_fused: float = Field(ge=0, description="FLOPs a byte of `fused`, to 4 places")


class Value(Model):
    """A value that is held at the peak."""

    path: str = Field(description="of the layer that made it; a merge without a label: (add)")
    op: str
    shape: list[int] = Field(description="without the batch")
    bytes: int = Field(ge=0, description="of the batch")


class Peak(Model):
    """Where most is alive at inference."""

    path: str = Field(description="of the layer that runs; empty where nothing is alive")
    op: str
    alive: list[Value]
    work: int = Field(ge=0, description="bytes that the layer needs besides")


class Reordered(Model):
    """Layers whose order at the peak is another than the text's."""

    where: str = Field(alias="in", description="the path of the block; empty for the net itself")
    layers: list[str]


class InPlace(Model):
    """Rectifiers without which the peak would be higher."""

    count: int = Field(ge=0)
    first: list[str] = Field(description="the paths of the first of them")


class Inference(Model):
    """Bytes at inference for the whole batch."""

    total: int = Field(ge=0, description="weights, inputs and activations")
    fixed: int = Field(description="of the total, what does not grow with the batch")
    each: int = Field(description="of the total, what an example adds, near this batch")
    inputs: int = Field(ge=0, description="the net's own, held throughout")
    activations: int = Field(ge=0, description="the most that is alive beside the inputs")
    peak: Peak
    schedule: Literal["text", "branches"] = Field(
        description="the order that gives it: the text's, or branches that need most and leave "
        "least first"
    )
    reordered: list[Reordered]
    in_place: int = Field(ge=0, description="rectifiers that write over their input")
    in_place_at_the_peak: InPlace
    activations_in_text_order: int = Field(ge=0)
    activations_without_in_place: int = Field(ge=0)
    activations_in_text_order_without_in_place: int = Field(ge=0)


class TrainingPeak(Model):
    """Where most is alive in a step of training."""

    phase: Literal["forward", "backward"]
    path: str = Field(description="of the layer; empty where nothing is alive")


class Training(Model):
    """Bytes of one step of training for the whole batch."""

    total: int = Field(ge=0, description="weights, state, inputs and activations")
    fixed: int = Field(description="of the total, what does not grow with the batch")
    each: int = Field(description="of the total, what an example adds, near this batch")
    optimizer: Literal["sgd", "momentum", "adam"]
    inputs: int = Field(ge=0)
    weights: int = Field(ge=0, description="with those of what exists in training only")
    gradients: int = Field(ge=0, description="of all weights, at the end of the step")
    state: int = Field(ge=0, description="what the optimiser keeps")
    kept: int = Field(ge=0, description="what autograd keeps for the way back")
    activations: int = Field(
        ge=0,
        description="the most that is alive beside weights, state and inputs, gradients included",
    )
    peak: TrainingPeak


class Fit(Model):
    """The largest batches that fit into so many bytes; 0 where one example is too many."""

    memory: int = Field(ge=0, description="bytes")
    inference: int = Field(ge=0, description="examples")
    training: int | None = Field(
        ge=0, description="examples; null where the dtype cannot be trained"
    )


class Layer(Model):
    """A layer that moves something at inference, in execution order."""

    path: str = Field(description="a merge without a label is called by its kind: (add)")
    op: str
    output: list[int] = Field(description="its shape, without the batch")
    weights: int = Field(ge=0, description="bytes; 0 where they are another layer's")
    moved: int = Field(ge=1, description="bytes")
    flops: int = Field(ge=0, description="FLOPs of the batch")
    intensity: float = Field(ge=0, description="FLOPs a byte, to 4 places")


class Memory(Model):
    """What `netspec memory --json` prints. Amounts are bytes where nothing else is said."""

    format_version: Literal[1]
    net: str
    batch: int = Field(ge=1, description="examples")
    dtype: Literal["float32", "float16", "bfloat16", "float64", "int8"]
    device: Literal["cuda", "cpu"]
    weights: int = Field(ge=0, description="parameters, buffers and counters at inference")
    weights_of_training: int = Field(ge=0, description="those of what exists in training only")
    movement: Movement
    inference: Inference
    training: Training | None = Field(description="null where the dtype cannot be trained")
    fit: Fit | None = Field(description="null where --memory was not given")
    layers: list[Layer]
