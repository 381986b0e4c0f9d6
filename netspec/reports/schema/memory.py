"""The model of the memory of a network; all amounts are bytes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from netspec.reports.schema.base import Model, Size


class Movement(Model):
    """What goes between memory and processor at inference, for the whole batch."""

    flops: int
    moved: int
    intensity: float = Field(description="FLOPs a byte")
    fused: int = Field(description="bytes, where elementwise layers follow in one pass")
    intensity_fused: float


class Alive(Model):
    """A value that is held."""

    path: str
    op: str
    shape: list[Size]
    bytes: int


class Peak(Model):
    """Where the most is held, and what; `work` is what the layer needs besides."""

    path: str
    op: str
    alive: list[Alive]
    work: int


class Reordered(Model):
    """Where the order is another than the text's."""

    in_: str = Field(alias="in")
    layers: list[str]


class InPlace(Model):
    """Rectifiers without which the peak would be higher, and the names of the first."""

    count: int
    first: list[str]


class Inference(Model):
    """Near this batch, `total` is `fixed` and `each` times the batch."""

    total: int
    fixed: int
    each: int
    inputs: int
    activations: int
    peak: Peak
    schedule: Literal["text", "branches"]
    reordered: list[Reordered]
    in_place: int = Field(description="rectifiers that write over their input")
    in_place_at_the_peak: InPlace
    activations_in_text_order: int
    activations_without_in_place: int
    activations_in_text_order_without_in_place: int


class TrainingPeak(Model):
    """When the most is held."""

    phase: Literal["forward", "backward"]
    path: str


class Training(Model):
    """One step of training; near this batch, `total` is `fixed` and `each` times the batch."""

    total: int
    fixed: int
    each: int
    optimizer: str
    inputs: int
    weights: int
    gradients: int
    state: int = Field(description="what the optimiser keeps")
    kept: int = Field(description="what autograd keeps for the way back")
    activations: int
    peak: TrainingPeak


class Fit(Model):
    """The largest batches that fit, 0 where one example is too many."""

    memory: int
    inference: int
    training: int | None


class Layer(Model):
    """What a layer moves for the whole batch."""

    path: str
    op: str
    output: list[Size]
    weights: int
    moved: int
    flops: int
    intensity: float


class Memory(Model):
    """What `netspec memory --json` prints."""

    format_version: Literal[1]
    net: str
    batch: int = Field(ge=1)
    dtype: str
    device: str
    weights: int
    weights_of_training: int = Field(description="those that exist in training only")
    movement: Movement
    inference: Inference
    training: Training | None = Field(description="null for a dtype that cannot be trained")
    fit: Fit | None = Field(description="null where no memory was given")
    layers: list[Layer] = Field(description="empty unless they were asked for")
