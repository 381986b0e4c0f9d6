"""What one elaboration of a file can leave to the next, while the file is edited.

Blocks and nets that an edit does not touch, and that rest on none that it does, give what they gave
before. How the tree follows the edit is left to `syntax.revise`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from netspec.elaborate.frame import Assertion
from netspec.elaborate.report import Key
from netspec.elaborate.values import Layer
from netspec.graph.graph import Instance, Network
from netspec.graph.walk import instances
from netspec.record import field, record
from netspec.syntax import tree
from netspec.syntax.tree import File

#: Instances by what they are elaborated for, with the mistakes found in them (and no instance).
Memo = dict[object, tuple[Instance | None, tuple[Key, ...]]]
Definition = tree.Block | tree.Net | tree.NetAlias


@record(eq=False)
class KeptNet:
    """A network that was elaborated without a word; `told` as `nets` has it of its definition."""

    network: Network
    told: bool


@record(eq=False, frozen=False)
class Kept:
    """What earlier elaborations found, as far as it still holds.

    `memo` has instances by block, arguments and input shapes, `assertions` the asserts of each,
    `nets` the networks by their item. Blocks of imported files count as the same while their trees
    are the same objects, which is for the parser that elaboration is given.
    """

    memo: Memo = field(default_factory=dict)
    assertions: dict[Instance, list[Assertion]] = field(default_factory=dict)
    nets: dict[Definition, KeptNet] = field(default_factory=dict)
    _names: dict[str, Definition] = field(default_factory=dict)
    _imports: tuple[tree.Import, ...] = ()
    _mentions: dict[Definition, frozenset[str]] = field(default_factory=dict)

    def renew(self, file: File, touched: Iterable[tree.Item]) -> None:
        """Forget what an edit of the file makes doubtful: `touched` are items changed inside."""
        imports = tuple(item for item in file.items if isinstance(item, tree.Import))
        definitions = [item for item in file.items if isinstance(item, Definition)]
        names = {definition.name.id: definition for definition in reversed(definitions)}
        changed = {
            name for name in {*names, *self._names} if names.get(name) is not self._names.get(name)
        }
        for item in touched:
            if isinstance(item, Definition):
                changed.add(item.name.id)
                self._mentions.pop(item, None)
        # A second definition of a name, and what is imported, follow rules of their own. Parameters
        # of imported blocks are mentioned by none that call them, and a new name may be theirs.
        others = bool(imports) and names.keys() != self._names.keys()
        if imports != self._imports or others or len(names) < len(definitions):
            self.memo.clear()
            self.assertions.clear()
            self.nets.clear()
        else:
            self._forget(definitions, changed)
        self._imports, self._names = imports, names

    def _forget(self, definitions: list[Definition], changed: set[str]) -> None:
        before = self._mentions
        self._mentions = {d: before[d] if d in before else _names_in(d) for d in definitions}
        waiting = list(changed)
        while waiting:
            name = waiting.pop()
            for definition, mentions in self._mentions.items():
                own = definition.name.id
                if name in mentions and own not in changed:
                    changed.add(own)
                    waiting.append(own)
        kept = {d for d in definitions if d.name.id not in changed}
        # Blocks of imported files rest on nothing in this one but what they are given.
        doubtful = {*before, *definitions} - kept
        asserting = self._asserting()
        self.memo = {
            key: (instance, mistakes)
            for key, (instance, mistakes) in self.memo.items()
            if instance is not None
            and not mistakes
            and instance.definition not in doubtful
            and not _given(key, doubtful)
            and not _uses(instance, asserting)
        }
        self.nets = {
            item: net
            for item, net in self.nets.items()
            if item in kept and not _uses(net.network.root, asserting)
        }
        alive = {instance for instance, _ in self.memo.values()}
        for net in self.nets.values():
            alive.update(instances(net.network.root))
        self.assertions = {i: found for i, found in self.assertions.items() if i in alive}

    def _asserting(self) -> set[Instance]:
        """Instances of blocks with asserts: what is said of one names the first call of it, which
        may be another after an edit."""
        return {
            instance
            for instance, found in self.assertions.items()
            if found and isinstance(instance.definition, tree.Block)
        }


def _given(key: object, definitions: set[Definition]) -> bool:
    """Whether one of them is among the arguments that a memo's key has, in lists, too."""
    if isinstance(key, tuple):
        return any(_given(part, definitions) for part in key)
    return isinstance(key, Layer) and key.target in definitions


def _uses(root: Instance, parts: set[Instance]) -> bool:
    return bool(parts) and not parts.isdisjoint(instances(root))


def _names_in(definition: Definition) -> frozenset[str]:
    """The names that a definition may mention: every word of its text, comments and labels too, and
    every capital, which dims may hold. To go through its tree would take longer than all else."""
    text = definition.span.text
    return frozenset(_WORD.findall(text)).union(_CAPITAL.findall(text))


_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CAPITAL = re.compile(r"[A-Z]")
