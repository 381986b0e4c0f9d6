"""Measures generated PyTorch modules beside torchvision's, with the same weights, in one process.

    python benchmarks/torch_module.py [--rounds 7] [--batch 1] [--size 224] [--threads N]

Rounds interleave, so that both meet the same machine; a ratio is the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
NETS = ("resnet50", "mobilenet_v3_large", "densenet121")

Run = Callable[[nn.Module, torch.Tensor], object]


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="times each is run")
    parser.add_argument("--batch", type=int, default=1, help="examples of an input")
    parser.add_argument("--size", type=int, default=224, help="height and width of an input")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(
        f"{platform.machine()}, {arguments.threads} threads, Python {platform.python_version()}, "
        f"torch {torch.__version__}, torchvision {_versions()}; batch {arguments.batch}, "
        f"{arguments.size}x{arguments.size}, {arguments.rounds} rounds\n"
    )
    print("| net | pass | torchvision | netspec | ratio |")
    print("| --- | --- | ---: | ---: | ---: |")
    for net in NETS:
        theirs, ours = _pair(net)
        x = torch.randn(arguments.batch, 3, arguments.size, arguments.size)
        for title, run in (("forward", forward), ("forward and backward", step)):
            taken = paired({"theirs": theirs, "ours": ours}, x, run, arguments.rounds)
            ratio = statistics.median(
                b / a for a, b in zip(taken["theirs"], taken["ours"], strict=True)
            )
            old, new = (statistics.median(taken[name]) * 1e3 for name in ("theirs", "ours"))
            print(f"| {net} | {title} | {old:.1f} ms | {new:.1f} ms | {ratio:.2f} |")


def forward(module: nn.Module, x: torch.Tensor) -> object:
    """One pass of inference."""
    with torch.inference_mode():
        return module.eval()(x)


def step(module: nn.Module, x: torch.Tensor) -> object:
    """One pass of training and its gradients."""
    module.train()
    module.zero_grad()
    return module(x).sum().backward()


def paired(
    modules: dict[str, nn.Module], x: torch.Tensor, run: Run, rounds: int
) -> dict[str, list[float]]:
    """Seconds of each module, round by round; two runs of each come before."""
    for module in modules.values():
        run(module, x)
        run(module, x)
    taken: dict[str, list[float]] = {name: [] for name in modules}
    for number in range(rounds):
        # Neither is always the one that comes after the other.
        names = list(modules) if number % 2 == 0 else list(modules)[::-1]
        for name in names:
            began = time.perf_counter()
            run(modules[name], x)
            taken[name].append(time.perf_counter() - began)
    return taken


def _pair(net: str) -> tuple[nn.Module, nn.Module]:
    """torchvision's module and netspec's, with the same weights."""
    import netspec
    from tests.parity.originals import models

    theirs = models().get_model(net, weights=None)
    ours = netspec.to_torch(f"zoo:{net}")
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return theirs, ours


def _versions() -> str:
    from importlib.metadata import version

    return version("torchvision")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
