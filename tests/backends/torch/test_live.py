"""Modules that `to_torch` gives: their source can be seen, and they can be pickled and copied."""

from __future__ import annotations

import copy
import gc
import inspect
import linecache
import pickle
import subprocess
import sys
import traceback
from io import BytesIO
from pathlib import Path

import pytest
import torch
from torch import nn

import netspec
from netspec.live import PREFIX, module_of

TOY = """
block unit(width) { conv width 3x3 padding=1; batchnorm; relu }
net Toy(width=4) {
  input 3x8x8
  stem: unit width
  residual { unit width }
  aux: output { global_avgpool; flatten; dense 3 }
  global_avgpool; flatten; dense 2
}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "toy.net"
    path.write_text(TOY)
    return path


@pytest.fixture
def toy(spec: Path) -> nn.Module:
    torch.manual_seed(0)
    return netspec.to_torch(spec).eval()


X = torch.linspace(-1, 1, 2 * 3 * 8 * 8).view(2, 3, 8, 8)


def test_the_source_can_be_seen(spec: Path, toy: nn.Module) -> None:
    source = netspec.torch_source(spec)
    assert inspect.getsource(sys.modules[type(toy).__module__]) == source
    assert inspect.getsource(type(toy)) in source
    assert inspect.getsource(type(toy)).startswith("class Toy(nn.Module):\n")
    assert inspect.getsource(type(toy.stem)).startswith("class Unit(nn.Sequential):\n")
    assert inspect.getsource(type(toy).forward).startswith("    def forward(self")
    linecache.clearcache()
    assert inspect.getsource(type(toy)) in source


def test_tracebacks_show_the_line(toy: nn.Module) -> None:
    with pytest.raises(RuntimeError) as caught:
        toy(X[:, :2])
    shown = "".join(traceback.format_exception(caught.value))
    assert "= self.stem(x)\n" in shown


def test_pickles_of_wholes_and_parts(toy: nn.Module) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(toy, protocol))
        assert type(again) is type(toy)
        assert torch.equal(again(X).out, toy(X).out)
    part = pickle.loads(pickle.dumps(toy.stem))
    assert type(part) is type(toy.stem) and torch.equal(part(X), toy.stem(X))
    outputs = pickle.loads(pickle.dumps(toy(X)))
    assert type(outputs) is type(toy(X)) and torch.equal(outputs.aux, toy(X).aux)


def test_copies(toy: nn.Module) -> None:
    for other in (copy.deepcopy(toy), copy.copy(toy)):
        assert type(other) is type(toy) and torch.equal(other(X).out, toy(X).out)
    other = copy.deepcopy(toy)
    with torch.no_grad():
        other.stem[0].weight.zero_()
    assert toy.stem[0].weight.abs().sum() > 0


def test_classes_that_users_derive_are_theirs(toy: nn.Module) -> None:
    mine = _derived(type(toy))()
    # pickle looks for the class where it says that it is, and not for the one of the spec.
    with pytest.raises((pickle.PicklingError, AttributeError), match="Mine"):
        pickle.dumps(mine)
    assert type(copy.deepcopy(mine)) is type(mine)


def _derived(base: type[nn.Module]) -> type[nn.Module]:
    class Mine(base):  # type: ignore[misc, valid-type]
        pass

    return Mine


READER = """
import pickle, sys, torch
toy = pickle.load(open("toy.pickle", "rb"))
part = pickle.load(open("part.pickle", "rb"))
assert type(part) is type(toy.stem)
saved = torch.load("toy.pt", weights_only=False)
x = torch.linspace(-1, 1, 2 * 3 * 8 * 8).view(2, 3, 8, 8)
assert torch.equal(toy(x).out, saved(x).out)
# Reading one needs none of what turns specs into modules.
assert "netspec.backends" not in sys.modules and "lark" not in sys.modules
torch.save(toy(x).out, "out.pt")
"""


def test_another_process_reads_them(toy: nn.Module, tmp_path: Path) -> None:
    (tmp_path / "toy.pickle").write_bytes(pickle.dumps(toy))
    (tmp_path / "part.pickle").write_bytes(pickle.dumps(toy.stem))
    sink = BytesIO()
    torch.save(toy, sink)
    (tmp_path / "toy.pt").write_bytes(sink.getvalue())
    done = subprocess.run(
        [sys.executable, "-c", READER], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert torch.equal(torch.load(tmp_path / "out.pt"), toy(X).out)


def test_where_netspec_is_not_there_the_error_names_it(toy: nn.Module, tmp_path: Path) -> None:
    (tmp_path / "toy.pickle").write_bytes(pickle.dumps(toy))
    script = (
        "import pickle, sys; sys.modules['netspec'] = None\npickle.load(open('toy.pickle','rb'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "ModuleNotFoundError" in done.stderr and "netspec" in done.stderr.splitlines()[-1]


def test_the_same_source_is_the_same_module(spec: Path) -> None:
    first, second = netspec.to_torch(spec), netspec.to_torch(spec)
    assert type(first) is type(second)
    assert type(netspec.to_torch(spec, width=5)) is not type(first)
    assert module_of(netspec.torch_source(spec)).Toy is type(first)


def test_what_is_no_longer_used_is_forgotten(spec: Path) -> None:
    """Programs that try one net after the other do not grow."""

    def known() -> set[str]:
        gc.collect()
        return {name for name in sys.modules if name.startswith(PREFIX)}

    before = known()
    for width in range(20, 40):
        netspec.to_torch(spec, width=width)
    assert known() <= before
    kept = netspec.to_torch(spec, width=41).stem
    assert type(kept).__module__ in known()
    assert inspect.getsource(type(kept)).startswith("class Unit")
