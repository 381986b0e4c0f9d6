"""Which tensor of a checkpoint is which of a network's, and all that does not fit, in one message.

Reading is left to `checkpoint.py`. Keys are those of the generated PyTorch module, where names that
Python claims are renamed (`in_` for `in`); the spec's own spelling is understood, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from netspec.analysis.python_names import labels_of, renamings
from netspec.backends.onnx.checkpoint import Checkpoint, Stored
from netspec.backends.onnx.weights import named, weight_name
from netspec.diagnostics import nearest
from netspec.graph.graph import Network
from netspec.graph.walk import Flat
from netspec.record import record

#: Put before every key by nn.DataParallel and torch.compile.
PREFIXES = ("module.", "_orig_mod.")
FLOATS = ("float16", "bfloat16", "float32", "float64")
#: Keys of each kind that a message lists.
LISTED = 10
#: Characters of a key that it shows: a file may hold anything.
LONGEST_KEY = 200
#: As many where one reason explains them all.
LISTED_BEFORE_HINT = 3


@record
class Misfit:
    """A key that does not fit, and what is said of it."""

    key: str
    said: str


class WeightsDiffer(Exception):
    """A checkpoint that is not the network's; the message has a line for each key.

    `missing` are tensors of the network that it lacks, `unexpected` those that the network lacks,
    `misshapen` those of another shape or of no floats. `lines` is the message but its first line.
    """

    def __init__(
        self,
        checkpoint: str,
        network: str,
        missing: Sequence[Misfit],
        unexpected: Sequence[Misfit],
        misshapen: Sequence[Misfit],
        hint: str | None,
    ) -> None:
        self.missing = tuple(misfit.key for misfit in missing)
        self.unexpected = tuple(misfit.key for misfit in unexpected)
        self.misshapen = tuple(misfit.key for misfit in misshapen)
        counts = ", ".join(
            f"{len(found):,} {'keys' if len(found) > 1 else 'key'} {what}"
            for found, what in (
                (missing, "missing"),
                (unexpected, "unexpected"),
                (misshapen, "of another shape or type"),
            )
            if found
        )
        self.headline = f"{checkpoint} does not fit {network}: {counts}"
        most = LISTED if hint is None else LISTED_BEFORE_HINT
        lines = [
            *_listed("missing", missing, most),
            *_listed("unexpected", unexpected, most),
            *_listed("differs", misshapen, most),
        ]
        self.lines = tuple(lines if hint is None else [*lines, hint])
        super().__init__("\n  ".join([self.headline, *self.lines]))


def _listed(what: str, misfits: Sequence[Misfit], most: int) -> Iterable[str]:
    for misfit in misfits[:most]:
        key = misfit.key if len(misfit.key) <= LONGEST_KEY else f"{misfit.key[:LONGEST_KEY]}…"
        yield f"{what:<10}  {key} {misfit.said}"
    if len(misfits) > most:
        yield f"{'':<10}  … and {len(misfits) - most:,} more"


def attributes_of(network: Network) -> dict[str, str]:
    """The attribute of the generated module for each label that has another name there."""
    return renamings(labels_of([network]))


def key_of(name: str, attributes: Mapping[str, str]) -> str:
    """The key of the generated module for the full name of a tensor."""
    return ".".join(attributes.get(part, part) for part in name.split("."))


def match(checkpoint: Checkpoint, network: Network, flat: Flat) -> dict[str, Stored]:
    """The checkpoint's tensor for each of the network's that exists at inference, by full name.

    What exists in training only, and counters of batches, may be there or not. Raises
    WeightsDiffer.
    """
    attributes = attributes_of(network)
    wanted = {name: weight.shape for name, weight in named(flat).items()}
    spelled = _spellings(wanted, attributes)
    passed_over = set(_spellings(_passed_over(flat), attributes))
    tensors = _stripped(checkpoint.tensors, spelled.keys() | passed_over)
    found: dict[str, Stored] = {}
    unexpected: dict[str, Stored] = {}
    misshapen: list[Misfit] = []
    for key, tensor in tensors.items():
        name = spelled.get(key)
        if name is None or name in found:
            if key not in passed_over:
                unexpected[key] = tensor
            continue
        found[name] = tensor
        if tensor.shape != wanted[name]:
            misshapen.append(Misfit(key, f"is {_shown(tensor.shape)}, not {_shown(wanted[name])}"))
        elif tensor.kind not in FLOATS:
            one_of = f"{', '.join(FLOATS[:-1])} or {FLOATS[-1]}"
            misshapen.append(Misfit(key, f"holds {tensor.kind}, not {one_of}"))
    missing = {key_of(n, attributes): shape for n, shape in wanted.items() if n not in found}
    if not missing and not unexpected and not misshapen:
        return {name: found[name] for name in wanted}
    strangers = {key: tensor.shape for key, tensor in unexpected.items()}
    raise WeightsDiffer(
        checkpoint.name,
        network.name,
        _misfits(missing, strangers),
        _misfits(strangers, missing),
        misshapen,
        _hint(missing, strangers),
    )


def _spellings(names: Iterable[str], attributes: Mapping[str, str]) -> dict[str, str]:
    """The full name for each key that may stand for it; attributes are never labels too."""
    return {spelling: name for name in names for spelling in (name, key_of(name, attributes))}


def _passed_over(flat: Flat) -> Iterable[str]:
    for layer in flat.nodes:
        for weight in layer.node.weights:
            if layer.training or weight.counter:
                yield weight_name(layer.path or layer.shares or "", weight)


def _stripped(tensors: Mapping[str, Stored], known: set[str]) -> Mapping[str, Stored]:
    """The tensors without what wrappers of modules put before their keys, each once."""
    for _ in PREFIXES:
        for prefix in PREFIXES:
            if tensors and all(k.startswith(prefix) and k not in known for k in tensors):
                tensors = {key.removeprefix(prefix): tensor for key, tensor in tensors.items()}
    return tensors


Shapes = Mapping[str, tuple[int, ...]]


def _misfits(keys: Shapes, others: Shapes) -> list[Misfit]:
    """Each with the one that is left over on the other side and probably meant."""
    misfits = []
    for place, (key, shape) in enumerate(keys.items()):
        like = _nearest(key, keys, others) if place < LISTED else None
        # One key may be the nearest of many; it was meant for the one that is nearest to it.
        mutual = like is not None and _nearest(like, others, keys) == key
        said = f"({_shown(shape)})"
        misfits.append(Misfit(key, f"{said}, perhaps {like}" if mutual else said))
    return misfits


def _nearest(key: str, keys: Shapes, others: Shapes) -> str | None:
    """The nearest of the others; one of its shape, where there is any."""
    alike = [other for other, shape in others.items() if shape == keys[key]]
    return nearest(key, alike) or nearest(key, others) or (alike[0] if len(alike) == 1 else None)


def _hint(missing: Shapes, unexpected: Shapes) -> str | None:
    """Where all keys have something before them that the network's have not."""
    first = next(iter(unexpected), "")
    *parts, _ = first[:LONGEST_KEY].split(".")
    for count in range(1, len(parts) + 1):
        prefix = ".".join(parts[:count]) + "."
        if missing and missing.keys() <= {
            k.removeprefix(prefix) for k in unexpected if k.startswith(prefix)
        }:
            return f"the missing keys are there with {prefix} before them"
    return None


def _shown(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "no axes"
