"""Labels and names that Python or `nn.Module` claim: every module runs, every weight is found."""

from __future__ import annotations

import builtins
import keyword
from pathlib import Path

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

import netspec
from netspec.backends.torch.helpers import HELPERS
from netspec.backends.torch.names import TAKEN_CLASSES

#: What a label could hide: of modules and their containers, of Python, of the text around it.
ATTRIBUTES = sorted(
    name
    for kind in (nn.Module(), nn.Sequential(), nn.ModuleList(), nn.ModuleDict(), nn.Conv2d(1, 1, 1))
    for name in dir(kind)
)
WORDS = [*keyword.kwlist, *keyword.softkwlist, "self", "super", "torch", "nn", "functional", "math"]
CALLED = [name for name in dir(builtins) if name.isidentifier()]
LOCALS = [
    "x",
    "y",
    "z",
    "i",
    "layer",
    "branch1",
    "in_channels",
    "repeats",
    "has_branch",
    "__home__",
]
LABELS = sorted({*ATTRIBUTES, *WORDS, *CALLED, *LOCALS})
#: With what is appended to a name that is taken.
labels = st.sampled_from(LABELS) | st.sampled_from(LABELS).map(lambda label: f"{label}_")
#: Names that come out as classes that are there already, or as each other.
CLASSES = ["tensor", "Tensor", "none", "type", "object", "module", "super", "nn", "I", "_", "net_t"]
classes = st.sampled_from(
    [*CLASSES, *HELPERS, *sorted(TAKEN_CLASSES), *keyword.kwlist, *keyword.softkwlist]
)
#: Words that begin statements, or name layers.
_SPOKEN = """
    net block inline from import repeat if else let default assert input output share concat add mul
    max sub residual shortcut train sweep init extern attention symbol match export in not and or
    true false none
"""
SPOKEN = frozenset(_SPOKEN.split())


def spec(names: list[str], blocks: list[str], depth: int) -> tuple[str, list[str]]:
    """A net with these labels, at two depths, and the keys of its weights."""
    text = "".join(
        f"block {block}(width) {{ {names[0]}: conv width 1x1; {names[-1]}2: batchnorm }}\n"
        for block in blocks
    )
    keys: list[str] = []
    lines = []
    for name in names:
        lines.append(f"  {name}: conv 4 1x1 bias=false")
        keys.append(f"{name}.weight")
    inner = "; ".join(f"{name}: conv 4 1x1 bias=false; relu" for name in names)
    outer = inner
    path = ""
    for level in range(depth):
        outer = f"scope{level}: {{ {outer} }}"
        path = f"scope{level}.{path}"
    lines.append(f"  {outer}" if depth else "")
    keys += [f"{path}{name}.weight" for name in names] if depth else []
    for number, block in enumerate(blocks):
        lines.append(f"  call{number}: {block} 4")
        first, last = f"call{number}.{names[0]}", f"call{number}.{names[-1]}2"
        keys += [f"{first}.weight", f"{first}.bias", f"{last}.weight", f"{last}.bias"]
    body = "\n".join(lines)
    return f"{text}net T {{\n  input 4x4x4\n{body}\n}}\n", keys


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    names=st.lists(labels, min_size=1, max_size=8, unique=True),
    blocks=st.lists(classes.filter(lambda n: n not in SPOKEN), max_size=3, unique=True),
    depth=st.integers(0, 2),
)
def test_hostile_names(
    names: list[str], blocks: list[str], depth: int, tmp_path_factory: object
) -> None:
    text, keys = spec(names, blocks, depth)
    path = Path(tmp_path_factory.mktemp("named")) / "t.net"  # type: ignore[attr-defined]
    path.write_text(text)
    module = netspec.to_torch(path)
    known = netspec.torch_names(path)
    found = [
        ".".join(known.get(part, part) for part in key.split("."))
        for key, _ in module.named_parameters()
    ]
    # Parameters are those of the spec, key for key, and the names can be turned back.
    assert sorted(found) == sorted(keys)
    assert len(set(known.values())) == len(known)
    assert not set(known) & set(names)
    module.train()(torch.zeros(2, 4, 4, 4))
    # Nothing of `nn.Module` is hidden: its own methods are there and work.
    assert len(list(module.modules())) > len(names)
    state = {
        ".".join(
            {v: k for k, v in known.items()}.get(part, part) for part in key.split(".")
        ): tensor
        for key, tensor in zip(found, map(torch.zeros_like, module.parameters()), strict=True)
    }
    module.load_state_dict(state, strict=False)
    assert all(p.abs().sum() == 0 for p in module.parameters())
