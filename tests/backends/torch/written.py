"""Specs to live modules, for the tests of the PyTorch backend."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from netspec.backends.torch import Module, write_module
from netspec.diagnostics import Severity
from netspec.elaborate import Request, elaborate
from netspec.graph.graph import Network
from netspec.source import SourceFile, Unreadable
from netspec.syntax import parse

SPECS = Path(__file__).parents[3] / "specs"


def networks(text: str, *requests: Request) -> list[Network]:
    """The nets of a spec without mistakes: all, or those asked for."""
    file, mistakes = parse(SourceFile("toy.net", text))
    asked = requests or None
    result = elaborate(file, _imported, requests=asked)
    found = [*mistakes, *result.diagnostics]
    assert not [d for d in found if d.severity is Severity.ERROR], [str(d.message) for d in found]
    return list(result.networks.values())


def _imported(source: SourceFile, path: str) -> SourceFile | Unreadable:
    """What a shipped spec imports lies beside it."""
    found = SPECS / path
    if not found.is_file():
        return Unreadable("no other files here")
    return SourceFile(path, found.read_text(encoding="utf-8"))


@dataclass
class Written:
    """A module of Python made from a spec, and its source."""

    module: Module
    live: ModuleType

    @property
    def text(self) -> str:
        return self.module.text

    def make(self, net: str = "T", *args: Any, **parameters: Any) -> nn.Module:
        torch.manual_seed(0)
        made = getattr(self.live, self.module.classes[net])(*args, **parameters)
        assert isinstance(made, nn.Module)
        return made.eval()


def written(text: str) -> Written:
    module = write_module(networks(text))
    live = ModuleType("written_by_netspec")
    sys.modules[live.__name__] = live
    exec(compile(module.text, "written.py", "exec"), live.__dict__)
    return Written(module, live)


def made(text: str) -> nn.Module:
    """The net `T` of a spec, ready to run."""
    return written(text).make()


def keys(module: nn.Module) -> list[str]:
    return list(module.state_dict())


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))
