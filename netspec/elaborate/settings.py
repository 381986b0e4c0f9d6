"""Arguments set from outside for what stands at a path: `--set layer3.0.conv2.stride=1`.

An argument takes the place of the one in the statement, for that path alone: blocks and repeats on
the way there are elaborated for themselves. What it is worth is left to `bind`, which paths a
network has to those who ask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from netspec.diagnostics import Diagnostic, nearest
from netspec.elaborate.bind import parameter_names
from netspec.elaborate.values import Layer
from netspec.ops import OPS
from netspec.ops.spec import OpSpec
from netspec.record import field, record, replace
from netspec.source import SourceFile, Span
from netspec.syntax import parse_expression, tree

if TYPE_CHECKING:
    from netspec.elaborate.frame import Context

#: Any number of segments; `*` and `?` stand for parts of one.
ANY = "**"
#: Digits of a number in a name that a repeat could come to.
_DIGITS = 19


class WrongSetting(Exception):
    """A setting that is not written as one; `diagnostics` say what is wrong with its value."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


@record(eq=False, frozen=False)
class Setting:
    """One argument: the pattern of the path, the argument's name, and the expression.

    `met` says that something at the path takes it, `places` which paths those are, with the
    statement as it is then: a block that is shared counts with the first of its paths.
    """

    text: str
    pattern: tuple[str, ...]
    argument: str
    value: tree.Expr
    span: Span
    met: bool = False
    places: dict[str, tree.Statement] = field(default_factory=dict)
    statement: tree.Statement | None = None

    @property
    def open(self) -> bool:
        """Whether its path may be that of several things: some of them may lack the argument."""
        return any(map(_is_open, self.pattern))

    def after(self, path: Sequence[str]) -> frozenset[int]:
        """Where in the pattern one may be after the names of a path; its length is the end."""
        here = self._further({0})
        for name in path:
            there: set[int] = set()
            for at in here:
                if at == len(self.pattern):
                    continue
                part = self.pattern[at]
                if part == ANY:
                    there.add(at)
                elif fnmatchcase(name, part):
                    there.add(at + 1)
            here = self._further(there)
            if not here:
                break
        return frozenset(here)

    def _further(self, places: set[int]) -> set[int]:
        """`**` also stands for no segment at all."""
        found = set(places)
        for at in sorted(places):
            while at < len(self.pattern) and self.pattern[at] == ANY:
                at += 1
                found.add(at)
        return found


@record
class Refused:
    """An argument that what stands at the path does not take."""

    setting: Setting
    path: str
    layer: str
    names: tuple[str, ...]

    @property
    def match(self) -> str | None:
        """The argument that was probably meant."""
        return nearest(self.setting.argument, self.names)


class Settings:
    """All settings of one elaboration, in the order in which they were given: the last one wins."""

    def __init__(self, settings: Sequence[Setting]) -> None:
        self.all = tuple(settings)
        self.refused: list[Refused] = []

    def ahead(self, path: Sequence[str]) -> tuple[tuple[int, frozenset[int]], ...]:
        """What is set somewhere below a path: the same for two paths below which all is alike."""
        found = []
        for number, setting in enumerate(self.all):
            places = frozenset(at for at in setting.after(path) if at < len(setting.pattern))
            if places:
                found.append((number, places))
        return tuple(found)

    def within(
        self,
        path: Sequence[str],
        before: Mapping[str, int],
        after: Mapping[str, int],
        left: int,
    ) -> int:
        """How many of the `left` iterations of a repeat may have something set in them.

        They name things in the scope at `path`: the first of them made the numbers up to `after`
        out of those up to `before`, and the others go on in the same steps. Counted from the first
        one to the last that does; 0 for none.
        """
        most = 0
        for number, places in self.ahead(path):
            for at in places:
                part = self.all[number].pattern[at]
                if _is_open(part):
                    return left
                for prefix, last in after.items():
                    first = before.get(prefix, 0 if prefix else -1)
                    digits = part.removeprefix(prefix)
                    if last == first or not part.startswith(prefix) or not digits.isdecimal():
                        continue
                    number = int(digits[:_DIGITS]) - first
                    if 0 < number <= (last - first) * left:
                        most = max(most, -(-number // (last - first)))
        return most

    def applied(
        self, layer: Layer, call: tree.Apply, context: Context, label: str | None
    ) -> tree.Apply:
        """The call of a layer or block, with what is set for its path."""
        scope = (*context.frame.prefix, *context.scope.path)
        if not self.ahead(scope):
            return call
        path = (*scope, context.scope.upcoming(layer.name) if label is None else label)
        op = layer.target if isinstance(layer.target, OpSpec) else None
        for setting in self._at(path, layer, call):
            parameter = None if op is None else op.parameter(setting.argument)
            variadic = parameter is not None and parameter.variadic
            call = _with(call, parameter_names(layer), setting, variadic)
            setting.places[".".join(path)] = call
        return call

    def merged(self, merge: tree.Merge, context: Context, label: str) -> tree.Merge:
        """A labelled merge, with what is set for its path."""
        path = (*context.frame.prefix, *context.scope.path, label)
        for setting in self._at(path, Layer(OPS[merge.op]), merge):
            keywords = _keywords(merge.keywords, setting)
            merge = replace(merge, keywords=keywords)
            setting.places[".".join(path)] = merge
        return merge

    def _at(self, path: Sequence[str], layer: Layer, statement: tree.Statement) -> list[Setting]:
        """What is set for a path, as far as the layer there takes it.

        A path that names one thing is that of one statement: behind a mistake, which takes no name,
        others may seem to have it.
        """
        found = []
        for setting in self.all:
            if len(setting.pattern) not in setting.after(path):
                continue
            if not setting.open and setting.statement not in (None, statement):
                continue
            setting.statement = statement
            where, names = ".".join(path), parameter_names(layer)
            if setting.argument in names:
                setting.met = True
                found.append(setting)
            elif not setting.open:
                self.refused.append(Refused(setting, where, layer.name, tuple(names)))
        return found


def _is_open(part: str) -> bool:
    return not set(part).isdisjoint("*?[")


def _with(call: tree.Apply, names: Sequence[str], setting: Setting, variadic: bool) -> tree.Apply:
    """A call with an argument where it stands, or as one more keyword."""
    index = names.index(setting.argument)
    if index < len(call.arguments):
        if variadic:
            value = setting.value
            several = value.items if isinstance(value, tree.List) else (value,)
            return replace(call, arguments=(*call.arguments[:index], *several))
        after = call.arguments[index + 1 :]
        return replace(call, arguments=(*call.arguments[:index], setting.value, *after))
    return replace(call, keywords=_keywords(call.keywords, setting))


def _keywords(keywords: tuple[tree.Keyword, ...], setting: Setting) -> tuple[tree.Keyword, ...]:
    made = tree.Keyword(setting.span, tree.Name(setting.span, setting.argument), setting.value)
    if any(keyword.name.id == setting.argument for keyword in keywords):
        return tuple(made if k.name.id == setting.argument else k for k in keywords)
    return (*keywords, made)


def read(settings: Mapping[str, str]) -> Settings:
    """Settings by `path.argument`, with the expressions that they set; raises WrongSetting.

    `*` and `?` in a segment of the path stand for any characters of it, `**` for any segments.
    """
    found = []
    for target, text in settings.items():
        path, dot, argument = target.rpartition(".")
        pattern = tuple(path.split("."))
        if not dot or not argument.isidentifier() or not all(pattern):
            raise WrongSetting(
                f"a setting names a path and an argument, such as layer3.0.conv2.stride, "
                f"not {target}"
            )
        source = SourceFile(f"--set {target}", text)
        value, diagnostics = parse_expression(source)
        if value is None or diagnostics:
            raise WrongSetting(f"{target} is set to what is no expression", diagnostics)
        span = source.span(0, len(text))
        found.append(Setting(f"{target}={text}", pattern, argument, value, span))
    return Settings(found)
