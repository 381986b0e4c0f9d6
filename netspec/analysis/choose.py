"""From the text of a file and `SPEC::NET` to the networks that are meant.

Reading the file is left to the caller, and so is what is done with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from netspec.analysis.examine import Examined, examine_tree
from netspec.diagnostics import Diagnostic, Severity
from netspec.elaborate import Reader, Request
from netspec.graph.graph import Network
from netspec.record import record, replace
from netspec.source import SourceFile
from netspec.syntax import parse
from netspec.syntax.tree import Block, File, Net, NetAlias
from netspec.zoo import names as zoo

if TYPE_CHECKING:
    from netspec.elaborate.settings import Settings
    from netspec.elaborate.watch import Watch


class NoSuchNet(Exception):
    """What was asked for is no net, or not one alone. `choices` are those to choose from."""

    def __init__(self, message: str, choices: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.choices = tuple(choices)


@record
class Chosen:
    """The networks asked for: one that was named, or all of a file whose parameters are set.

    `templates` are the nets left out because parameters of theirs are not set. Where there are
    errors, networks may be missing.
    """

    path: str
    networks: tuple[Network, ...]
    templates: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    failed: bool

    def one(self, what: str) -> Network:
        """The only network; raises NoSuchNet where there are several."""
        if len(self.networks) > 1:
            raise _several(self.path, [n.name for n in self.networks], what)
        return self.networks[0]


def split(spec: str, exists: Callable[[str], bool]) -> tuple[str, str | None]:
    """The path and the net of `SPEC[::NET]`; a file whose own name holds `::` is a path.

    A name such as `zoo:resnet50` stands for both.
    """
    # `zoo::Net` is a net of a file called `zoo`.
    if zoo.is_name(spec) and not spec.startswith(f"{zoo.SCHEME}:"):
        path, colons, net = spec.partition("::")
        if colons and not net:
            raise NoSuchNet(f"{spec} names no net after `::`, such as zoo:resnet::ResNet50")
        return path, net if colons else zoo.net_of(path)
    if "::" not in spec or exists(spec):
        return spec, None
    path, _, net = spec.rpartition("::")
    if not path or not net:
        raise NoSuchNet(f"{spec} is not a file, or a file and a net such as resnet.net::ResNet50")
    return path, net


def choose(
    source: SourceFile,
    reader: Reader,
    net: str | None = None,
    parameters: Mapping[str, str] | None = None,
    inputs: Mapping[str, str] | None = None,
    *,
    alone: str = "",
    settings: Settings | None = None,
    watch: Watch | None = None,
) -> Chosen:
    """Check a text and give the networks asked for; raises NoSuchNet.

    `parameters` are expressions of the language, `inputs` dims ("" is the only input); they need
    one net, which is named or the only one of the file. So does what `alone` says, for which
    `settings` and `watch` are what `Request` has.
    """
    file, syntax = parse(source)
    path = source.name
    broken = any(d.severity is Severity.ERROR for d in syntax)
    if broken and (net is None or net not in _nets(file)):
        # What is missing may well be in what did not parse.
        return _chosen(path, examine_tree(file, syntax, reader), ())
    requests = _requests(file, path, net, parameters or {}, inputs or {}, alone)
    if alone and requests is not None:
        requests = [replace(one, settings=settings, watch=watch) for one in requests]
    examined = examine_tree(file, syntax, reader, requests)
    left = examined.elaboration.templates
    if not examined.failed and not examined.elaboration.networks:
        raise NoSuchNet(
            f"every net of {path} is a template, with parameters to be set: {', '.join(left)}",
            [f"{path}::{name}" for name in left],
        )
    return _chosen(path, examined, left if requests is None else ())


def net_of(file: File, path: str, net: str | None) -> str:
    """The name of the one net that is meant, whose parameters are to be set; raises NoSuchNet."""
    requests = _requests(file, path, net, {"": ""}, {})
    assert requests is not None
    return requests[0].net


def _chosen(path: str, examined: Examined, left: tuple[str, ...]) -> Chosen:
    found = tuple(examined.elaboration.networks.values())
    return Chosen(path, found, left, examined.diagnostics, examined.failed)


def _requests(
    file: File,
    path: str,
    net: str | None,
    parameters: Mapping[str, str],
    inputs: Mapping[str, str],
    alone: str = "",
) -> list[Request] | None:
    names = _nets(file)
    if net is not None:
        if net not in names:
            raise _unknown(file, path, net)
        return [Request(net, parameters, inputs)]
    if not names:
        raise NoSuchNet(f"there is no net in {path}")
    if len(names) == 1:
        return [Request(names[0], parameters, inputs)]
    if parameters or inputs or alone:
        raise _several(path, names, alone or "setting parameters or inputs")
    return None


def _nets(file: File) -> list[str]:
    return [item.name.id for item in file.items if isinstance(item, Net | NetAlias)]


def _unknown(file: File, path: str, net: str) -> NoSuchNet:
    from difflib import get_close_matches  # most names are right

    names = _nets(file)
    if any(isinstance(item, Block) and item.name.id == net for item in file.items):
        why = f"`{net}` in {path} is a block, not a net"
    else:
        why = f"there is no net `{net}` in {path}"
    lower = {name.lower(): name for name in names}
    match = get_close_matches(net.lower(), lower, 1, 0.6)
    if match:
        return NoSuchNet(f"{why}; did you mean `{lower[match[0]]}`?")
    return NoSuchNet(f"{why}; it has {', '.join(names)}" if names else why)


def _several(path: str, names: Sequence[str], what: str) -> NoSuchNet:
    return NoSuchNet(
        f"{what} needs one net, and {path} has several", [f"{path}::{name}" for name in names]
    )
