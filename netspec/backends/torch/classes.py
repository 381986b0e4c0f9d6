"""One class: its `__init__` from the modules of its steps, its `forward` from their flow.

Which steps there are is said by `steps` and `scopes`, what each module is by the families; classes
are named, and kept apart where they differ, by `module`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from netspec.backends.torch.children import (
    Child,
    container_kind,
    counter_name,
    few,
    home_of,
    index_of,
    label_of,
    more,
    noted,
    paired,
    plain_arguments,
    signature,
    super_init,
)
from netspec.backends.torch.code import (
    Assign,
    Call,
    Choice,
    Do,
    Expr,
    For,
    Format,
    Generator,
    Items,
    Lit,
    Name,
    Pair,
    Remark,
    Star,
    Statement,
    Subscript,
    When,
    call,
    lines_of,
    member,
    text_of,
)
from netspec.backends.torch.forward import Forward, Optional, Returned
from netspec.backends.torch.hoist import hoisted
from netspec.backends.torch.initial import Initial
from netspec.backends.torch.layer import numbers
from netspec.backends.torch.names import (
    CONTAINER_ATTRIBUTES,
    class_name,
    fresh,
    is_identifier,
)
from netspec.backends.torch.remarks import Remarks, comment_lines
from netspec.backends.torch.rewrite import names_in
from netspec.backends.torch.scopes import is_chain, is_module, is_numbered
from netspec.backends.torch.sheet import ClassParameter, Sheet
from netspec.backends.torch.steps import (
    LoopStep,
    MergeStep,
    ParameterStep,
    Path,
    Program,
    ScopeStep,
    Step,
)
from netspec.backends.torch.unify import Different
from netspec.graph.graph import Numbered
from netspec.record import field, record, replace
from netspec.source import SourceFile


class Book(Protocol):
    """What a class asks of the module that it stands in."""

    #: The comments of the spec.
    remarks: Remarks

    def rename(self, label: str) -> str: ...

    def define(self, hint: str, lines: ClassLines) -> str:
        """Enter a class, and say its name."""
        ...


@record(frozen=False)
class ClassLines:
    """A class without its name: the base, the lines of its body, the parameters that it takes.

    `doc` is its docstring, `remarks` the comments before it; `file` is that of the block or net:
    what only serves another class has none.
    """

    base: str
    doc: str
    body: list[str] = field(default_factory=list)
    parameters: tuple[ClassParameter, ...] = ()
    file: SourceFile | None = None
    remarks: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """The class of that name."""
        first, *more = self.doc.split("\n")
        doc = [f'    """{first}', *(f"    {line}" if line else "" for line in more)]
        doc = [*doc, '    """'] if more else [f'{doc[0]}"""']
        above = comment_lines(self.remarks, 0)
        return "\n".join([*above, f"class {name}({self.base}):", *doc, *self.body])


class ClassWriter:
    """Writes the class of one program.

    `depth` is how much of each path the class stands for; `arguments` are the names of the values
    that `forward` takes.
    """

    def __init__(
        self,
        book: Book,
        program: Program,
        path: Path,
        hint: str,
        doc: str,
        arguments: Sequence[str],
        returned: Returned,
        sheet: Sheet,
        parameters: Sequence[ClassParameter] = (),
        initial: Initial | None = None,
        *,
        whole: bool = False,
    ) -> None:
        self.book = book
        self.initial = initial or Initial()
        self.sheet = sheet
        self.offered = parameters
        self.taken: set[str] = set()
        self.flags: dict[Expr, str] = {}
        #: Lines of the text whose comments are carried over already.
        self.noted: set[tuple[SourceFile, int]] = set()
        self.program = program
        self.path = path
        self.depth = len(path)
        self.hint = hint
        self.doc = doc
        self.arguments = arguments
        self.returned = returned
        named = [
            step
            for step in program.steps
            if isinstance(step, LoopStep) or (step.path and step.shares is None)
        ]
        plain = not any(isinstance(step, ParameterStep) for step in program.steps)
        self.numbered = bool(named) and plain and self._is_numbered(program.steps, self.depth)
        self.chain = is_chain(program) and bool(program.steps)
        self.optional = {} if self.chain and self.numbered else self._optional()
        if self.numbered and not self.chain and self._gaps(program.steps):
            # Positions after a step that may be missing are known only when it is made.
            raise Different
        if not (self.numbered and self.chain) and self._shifts(program.steps):
            raise Different
        #: Nothing but modules one after the other needs no `forward` of its own.
        self.sequential = self.chain and (self.numbered or self._is_named_sequence(whole))
        if not self.sequential:
            self._keep_counts(program.steps)

    def _is_named_sequence(self, whole: bool) -> bool:
        """Whether it is a sequence of named modules; the net as a whole tells its steps."""
        steps = self.program.steps
        names = {str(step.path[self.depth]) for step in steps if len(step.path) > self.depth}
        deep = any(len(step.path) > self.depth + 1 for step in steps)
        loops = any(isinstance(step, LoopStep) for step in steps)
        return (loops or not whole) and not (deep or self.optional or names & CONTAINER_ATTRIBUTES)

    def _keep_counts(self, steps: Sequence[Step]) -> None:
        """Counts that hang on parameters are kept for `forward`."""
        for step in steps:
            if isinstance(step, LoopStep):
                count = self.sheet.counts.get(step)
                if count is not None:
                    self._flag(count, "repeats")
                self._keep_counts(step.body.steps)

    def _is_numbered(self, steps: Sequence[Step], depth: int) -> bool:
        """Whether names are 0, 1, 2 … in every use of the block."""
        if not self._gaps(steps):
            return is_numbered(steps, depth)
        lanes = [self.sheet.lanes[step] for step in steps]
        return all(
            is_numbered([step for step in lane if step is not None], depth)
            for lane in zip(*lanes, strict=True)
        )

    def _shifts(self, steps: Sequence[Step]) -> bool:
        """Whether positions differ from use to use: where a loop before goes round more often."""
        for step in steps:
            lanes = [lane for lane in self.sheet.lanes[step] if lane is not None]
            if isinstance(step, LoopStep):
                if self._shifts(step.body.steps):
                    return True
            elif len({lane.path[self.depth :] for lane in lanes}) > 1:
                return True
        return False

    def _gaps(self, steps: Sequence[Step]) -> bool:
        return any(step in self.sheet.present for step in steps)

    def _optional(self) -> dict[Step, Optional]:
        """The runs of steps that are there on one condition: each a branch of `forward`."""
        found: dict[Step, Optional] = {}
        steps = self.program.steps
        start = 0
        while start < len(steps):
            condition = self.sheet.present.get(steps[start])
            end = start + 1
            while (
                condition is not None
                and end < len(steps)
                and self.sheet.present.get(steps[end]) == condition
            ):
                end += 1
            run = steps[start:end]
            alone = len(run) == 1 and is_module(run[0])
            if condition is not None and not alone:
                merges = [step.node.op for step in run if isinstance(step, MergeStep)]
                flag = self._flag(condition, f"has_{merges[0]}" if merges else "has_branch")
                optional = Optional(flag, tuple(run))
                optional.check(self.program)
                found.update(dict.fromkeys(run, optional))
            start = end
        return found

    def _flag(self, expr: Expr, wanted: str) -> str:
        """The attribute that keeps the value of an expression for `forward`."""
        if expr not in self.flags:
            named = [step for step in self.program.steps if len(step.path) > self.depth]
            labels = {self.book.rename(str(step.path[self.depth])) for step in named}
            self.flags[expr] = fresh(wanted, [*labels, *self.flags.values()])
        return self.flags[expr]

    # --- text ---------------------------------------------------------------------------------

    def lines(self) -> ClassLines:
        """The class's text, but for its name."""
        base = "nn.Module"
        if self.numbered:
            # A sequence takes one value; a list has no `forward` that another could contradict.
            base = "nn.Sequential" if len(self.arguments) == 1 else "nn.ModuleList"
        elif self.sequential:
            base = "nn.Sequential"
        body: list[str] = []
        init = [*self._init(), *self.initial.last]
        parameters = tuple(p for p in self.offered if p.name in self.taken)
        if init:
            written = [
                f"{p.name}: {p.annotation}"
                + (f" = {text_of(p.default)}" if p.default is not None else "")
                for p in parameters
            ]
            given = [p.name for p in parameters]
            known = {expr for expr in self.sheet.channels.values() if expr is not None}
            sure = [p.name for p in parameters if not p.annotation.endswith("None")]
            init = hoisted(init, self.sheet.lets, known, given, sure)
            body += ["", *signature("__init__", written, "None"), *lines_of(init, 8)]
        if not self.sequential:
            forward = Forward(self.program, self.arguments, self, self.returned, self.optional)
            statements = forward.statements()
            head = signature("forward", [f"{n}: Tensor" for n in self.arguments], self._type())
            body += ["", *head, *lines_of(statements, 8)]
        if self.initial.method:
            body += ["", *self.initial.method]
        return ClassLines(base, self.doc, body, parameters)

    def _takes(self, expr: Expr) -> Expr:
        """Note the parameters that an expression reads."""
        self.taken |= names_in(expr)
        return expr

    def _type(self) -> str:
        kept = len(self.program.outputs) - self.returned.training
        cls = self.returned.cls
        if cls is not None:
            return f"Tensor | {cls}" if kept == 1 else cls
        if kept == 1:
            return "Tensor"
        return f"tuple[{', '.join(['Tensor'] * kept)}]"

    # --- __init__ -----------------------------------------------------------------------------

    def _init(self) -> list[Statement]:
        body: list[Statement]
        if self.numbered:
            items = tuple(self.sequence(self.program.steps))
            if len(self.arguments) != 1:
                items = (Items("[", items),)
            body = [Assign(f"self.{flag}", self._takes(e)) for e, flag in self.flags.items()]
            return [Do(Call(super_init(), items)), *body]
        body = []
        for condition, flag in self.flags.items():
            body.append(Assign(f"self.{flag}", self._takes(condition)))
        for name, child in self._children().items():
            made = self._registered(name, child, (name,))
            if child.notes:
                made.insert(0, Remark(child.notes))
            optional = self.optional.get(child.step) if child.step is not None else None
            if optional is None:
                body += made
            elif (
                body and isinstance(body[-1], When) and body[-1].condition == self._asked(optional)
            ):
                body[-1] = When(body[-1].condition, (*body[-1].body, *made))
            else:
                body.append(When(self._asked(optional), tuple(made)))
        return [Do(Call(super_init(), ())), *body] if body else []

    def _asked(self, optional: Optional) -> Expr:
        """The condition of a branch in `__init__`: in full where a parameter may be None."""
        condition = next(e for e, flag in self.flags.items() if flag == optional.flag)
        unsure = {p.name for p in self.offered if p.annotation.endswith("None")}
        return condition if names_in(condition) & unsure else optional.test

    def _children(self) -> dict[str, Child]:
        """What the class holds, in the order of the text."""
        root: dict[str, Child] = {}
        for step in self.program.steps:
            if step.shares is not None:
                continue
            if isinstance(step, LoopStep):
                scope = step.path[self.depth :]
                if step in self.sheet.present and step not in self.optional:
                    raise Different
                if not any(s.path or isinstance(s, LoopStep) for s in step.body.steps):
                    continue
                home = home_of(root, [str(part) for part in scope])
                home[f"*{len(home)}"] = Child(step=step, notes=self._notes(step))
            elif step.path:
                *scope_parts, last = step.path[self.depth :]
                home = home_of(root, [str(part) for part in scope_parts])
                notes = self._notes(step)
                expr = None if isinstance(step, ParameterStep) else self._entry(step)
                if str(last) in home:
                    # Two steps of one name, of which a use has the one or the other.
                    raise Different
                home[str(last)] = Child(expr, step, notes=notes)
        return root

    def _registered(self, name: str, child: Child, path: tuple[str, ...]) -> list[Statement]:
        """Statements that give the class one of its children."""
        owner = path[:-1]
        if child.children is not None:
            return self._container(name, child.children, path)
        if isinstance(child.step, LoopStep):
            return [self._loop(child.step, owner, ())]
        attribute = self.book.rename(name)
        if isinstance(child.step, ParameterStep):
            value = call("nn.Parameter", self._initial(child.step))
            if not owner and is_identifier(attribute):
                return [Assign(f"self.{attribute}", value)]
            return [Do(Call(self._method(owner, "register_parameter"), (Lit(attribute), value)))]
        assert child.expr is not None
        if not owner and is_identifier(attribute):
            return [Assign(f"self.{attribute}", child.expr)]
        return [Do(Call(self._method(owner, "add_module"), (Lit(attribute), child.expr)))]

    def _method(self, owner: tuple[str, ...], name: str) -> Expr:
        """A method of the class, or of a container that it holds."""
        if not owner:
            return Name(f"self.{name}")
        if len(owner) == 1 and is_identifier(self.book.rename(owner[0])):
            return Name(f"self.{self.book.rename(owner[0])}.{name}")
        path = ".".join(map(self.book.rename, owner))
        return member(call("self.get_submodule", Lit(path)), name)

    def _container(
        self, name: str, children: dict[str, Child], path: tuple[str, ...]
    ) -> list[Statement]:
        """A scope that only holds its layers: its owner runs them."""
        attribute = self.book.rename(name)
        kind = container_kind(children)
        owner = path[:-1]
        if kind is None:
            made: Expr = call("nn.Module")
        else:
            exprs = [(key, child.expr, child.notes) for key, child in children.items()]
            if kind == "ModuleList":
                items = Items("[", tuple(noted(e, n) for _, e, n in exprs if e is not None))
            else:
                listed = [
                    noted(Pair(Lit(self.book.rename(key)), e), notes)
                    for key, e, notes in exprs
                    if e is not None
                ]
                items = Items("{", tuple(listed))
            made = call(f"nn.{kind}", items)
        first: Statement
        if not owner and is_identifier(attribute):
            first = Assign(f"self.{attribute}", made)
        else:
            first = Do(Call(self._method(owner, "add_module"), (Lit(attribute), made)))
        if kind is not None:
            return [first]
        rest: list[Statement] = []
        for key, child in children.items():
            if child.notes:
                rest.append(Remark(child.notes))
            rest += self._registered(key, child, (*path, key))
        return [first, *rest]

    def _loop(self, step: LoopStep, owner: tuple[str, ...], loops: tuple[str, ...]) -> Statement:
        """Modules of a repeat that is no sequence, registered under their computed names."""
        counter = self._counter(step, loops)
        inner = (*loops, counter)
        body: list[Statement] = []
        used = False
        if any(part in self.sheet.present for part in step.body.steps):
            # Which of them there are differs from one iteration, or use, to the next.
            raise Different
        for part in step.body.steps:
            if isinstance(part, LoopStep):
                body.append(self._loop(part, owner, inner))
                used = True
            elif part.path and part.shares is None:
                segment = part.path[-1]
                notes = self._notes(part)
                if notes:
                    body.append(Remark(notes))
                made = self.construct(part)
                used |= isinstance(segment, Numbered) or counter in names_in(made)
                name = label_of(segment, inner)
                method_ = self._method(owner, "add_module")
                body.append(Do(Call(method_, (name, made))))
        count = self._takes(self.sheet.counts.get(step, Lit(step.count)))
        return For(counter if used else "_", call("range", count), tuple(body))

    def _counter(self, step: LoopStep, loops: Sequence[str]) -> str:
        """The variable that numbers a loop's iterations: the spec's own, where it is read."""
        named = self.sheet.indices.get(step)
        return named or counter_name([*loops, *self.sheet.indices.values()])

    def _initial(self, step: ParameterStep) -> Expr:
        dims, init = step.node.attributes["dims"], step.node.attributes["init"]
        assert isinstance(dims, tuple) and isinstance(init, int | float)
        shape = self.sheet.modules.get(step, numbers(dims))
        assert isinstance(shape, Items)
        self._takes(shape)
        if init in (0, 1):
            return call("torch.zeros" if init == 0 else "torch.ones", *shape.items)
        return call("torch.full", shape, Lit(float(init)))

    # --- modules ------------------------------------------------------------------------------

    def construct(self, step: Step) -> Expr:
        """The expression that makes a step's module."""
        made = self._scope(step) if isinstance(step, ScopeStep) else self.sheet.modules[step]
        return self._takes(made)

    def _notes(self, step: Step) -> tuple[str, ...]:
        """The comments of a step's text that the class has not carried over yet."""
        span = self.sheet.span_of(step)
        if span is None or (span.file, span.line) in self.noted:
            return ()
        self.noted.add((span.file, span.line))
        return self.book.remarks.of_statement(span)

    def _entry(self, step: Step) -> Expr:
        """As `construct`, the identity where the step is missing."""
        made = self.construct(step)
        condition = self.sheet.present.get(step)
        if condition is None or step in self.optional:
            return made
        return Choice(made, self._takes(condition), call("nn.Identity"))

    def _scope(self, step: ScopeStep) -> Expr:
        depth = len(step.path)
        body = step.body
        if is_chain(body):
            if self._is_numbered(body.steps, depth):
                return call("nn.Sequential", *self.sequence(body.steps))
            named = self._named_sequence(body.steps, depth)
            if named is not None:
                return named
        label = class_name(f"{self.hint}_{step.path[-1]}")
        spelled = ".".join(map(str, step.path[self.depth :]))
        writer = ClassWriter(
            self.book,
            body,
            step.path,
            label,
            f"`{spelled}` of `{self.hint}`.",
            plain_arguments(len(body.inputs)),
            Returned(),
            self.sheet,
            [replace(parameter, default=None) for parameter in self.offered],
        )
        lines = writer.lines()
        given = [Name(parameter.name) for parameter in lines.parameters]
        return call(self.book.define(label, lines), *given)

    def _named_sequence(self, steps: Sequence[Step], depth: int) -> Expr | None:
        loop = steps[0]
        if len(steps) == 1 and isinstance(loop, LoopStep) and len(loop.body.steps) == 1:
            return self._counted_sequence(loop)
        if self._shifts(steps):
            raise Different
        entries: list[tuple[str, Expr]] = []
        for step in steps:
            name = self.book.rename(str(step.path[depth])) if len(step.path) > depth else ""
            if isinstance(step, LoopStep) or not name or name in CONTAINER_ATTRIBUTES:
                return None
            notes = self._notes(step)
            entries.append((name, noted(self._entry(step), notes)))
        if all(is_identifier(name) for name, _ in entries):
            return call("nn.Sequential", Call(Name("OrderedDict"), (), tuple(entries)))
        listed = tuple(paired(name, expr) for name, expr in entries)
        return call("nn.Sequential", call("OrderedDict", Items("[", listed)))

    def _counted_sequence(self, loop: LoopStep) -> Expr | None:
        """A sequence of one loop, whose modules have names that count."""
        (step,) = loop.body.steps
        if isinstance(step, LoopStep) or step in self.sheet.present:
            return None
        counter = self._counter(loop, ())
        entry = Items("(", (label_of(step.path[-1], (counter,)), self.construct(step)))
        count = self._takes(self.sheet.counts.get(loop, Lit(loop.count)))
        entries = Generator(entry, ((counter, call("range", count)),))
        return call("nn.Sequential", call("OrderedDict", entries))

    def sequence(self, steps: Sequence[Step]) -> Iterator[Expr]:
        """The modules of numbered steps as arguments: runs of equal ones as loops."""
        runs: list[tuple[tuple[Expr, ...], Expr, str]] = []
        remarks: dict[int, tuple[str, ...]] = {}
        for step in steps:
            if step.shares is not None or not (step.path or isinstance(step, LoopStep)):
                continue
            index = self.sheet.indices.get(step, "")
            notes = self._notes(step)
            if isinstance(step, LoopStep):
                if step in self.sheet.present:
                    # It would need a condition of its own, as well as a count.
                    raise Different
                unit = tuple(self.sequence(step.body.steps))
                index = index if any(index in names_in(expr) for expr in unit) else ""
                times = self._takes(self.sheet.counts.get(step, Lit(step.count)))
                # The first iteration stands before the loop, where it was elaborated by itself.
                ahead = [exprs[0] for exprs, n, _ in runs[-len(unit) :] if n == Lit(1)]
                if len(unit) > 1 and tuple(ahead) == unit:
                    del runs[-len(unit) :]
                    times = more(times, Lit(1)) or times
            else:
                unit, times = (self._element(step),), Lit(1)
            again = bool(runs) and runs[-1][0] == unit and not (index or runs[-1][2])
            joined = more(runs[-1][1], times) if again else None
            if joined is not None:
                runs[-1] = (unit, joined, "")
            else:
                runs.append((unit, times, index))
                if notes:
                    remarks[len(runs) - 1] = notes
        for number, (unit, times, index) in enumerate(runs):
            notes = remarks.get(number, ())
            once = ((index or "_", call("range", times)),)
            if isinstance(times, Lit) and few(times.value, len(unit)) and not index:
                for turn in range(int(times.value or 0)):
                    for place, expr in enumerate(unit):
                        yield expr if turn or place else noted(expr, notes)
            elif len(unit) == 1 and not isinstance(unit[0], Star):
                yield noted(Star(Generator(unit[0], once)), notes)
            else:
                over = Items("(", unit)
                yield noted(Star(Generator(Name("layer"), (*once, ("layer", over)))), notes)

    def _element(self, step: Step) -> Expr:
        """One argument of a sequence; nothing where the step is missing."""
        made = self.construct(step)
        condition = self.sheet.present.get(step)
        if condition is None:
            return made
        return Star(Choice(Items("[", (made,)), self._takes(condition), Items("[", ())))

    # --- what forward asks ---------------------------------------------------------------------

    def module(self, step: Step, loops: Sequence[str]) -> Expr:
        path = step.path[self.depth :]
        last = path[-1]
        if self.numbered and len(path) == 1:
            return Subscript(Name("self"), index_of(last, loops))
        names = [self.book.rename(str(p)) for p in path if isinstance(p, str)]
        if len(path) == 1 and isinstance(last, str) and is_identifier(names[0]):
            return Name(f"self.{names[0]}")
        if len(path) == 2 and isinstance(last, str) and is_identifier(names[0]):
            kind = container_kind(self._held(str(path[0])))
            if kind == "ModuleList":
                return Subscript(Name(f"self.{names[0]}"), Lit(int(last)))
            if kind == "ModuleDict":
                return Subscript(Name(f"self.{names[0]}"), Lit(names[1]))
        return call("self.get_submodule", self._dotted(path, loops))

    def parameter(self, step: ParameterStep, loops: Sequence[str]) -> Expr:
        path = step.path[self.depth :]
        name = self.book.rename(str(path[-1]))
        if len(path) == 1 and is_identifier(name):
            return Name(f"self.{name}")
        return call("self.get_parameter", self._dotted(path, loops))

    def count(self, step: LoopStep) -> Expr:
        count = self.sheet.counts.get(step)
        return Lit(step.count) if count is None else Name(f"self.{self.flags[count]}")

    def _dotted(self, path: Path, loops: Sequence[str]) -> Expr:
        if all(isinstance(part, str) for part in path):
            return Lit(".".join(self.book.rename(str(part)) for part in path))
        head = [self.book.rename(str(part)) for part in path[:-1]]
        label = label_of(path[-1], loops)
        assert isinstance(label, Format)
        return Format((".".join([*head, ""]), *label.parts)) if head else label

    def _held(self, name: str) -> dict[str, Child]:
        """The children of a container, for its kind alone."""
        root: dict[str, Child] = {}
        for step in self.program.steps:
            if step.shares is None and len(step.path) > self.depth:
                scope = [str(part) for part in step.path[self.depth :]]
                if isinstance(step, LoopStep):
                    scope.append(f"*{len(root)}")
                home = home_of(root, scope[:-1])
                marker = step if isinstance(step, (LoopStep, ParameterStep)) else None
                home[scope[-1]] = Child(call("nn.Identity"), marker)
        return root[name].children or {} if name in root else {}
