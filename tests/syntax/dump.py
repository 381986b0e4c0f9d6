"""Writes a tree as a short text, so that tests can say what they expect at a glance."""

from __future__ import annotations

from netspec.record import fields
from netspec.source import SourceFile, Span
from netspec.syntax import parse, tree


def dump(node: object) -> str:
    """`Apply(conv 64 stride=2)` and the like: names and literals bare, the rest by its class."""
    match node:
        case tree.Name(id=name):
            return name
        case tree.Number(value=value):
            return repr(value)
        case tree.Text(value=text):
            return f'"{text}"'
        case tree.Bool(value=value):
            return str(value).lower()
        case tree.Nothing():
            return "none"
        case tree.Wildcard():
            return "_"
        case tree.Dims(items=items):
            return "x".join("_" if item is None else str(item) for item in items)
        case tree.List(items=items):
            return "[" + ", ".join(map(dump, items)) + "]"
        case tree.Group(inner=inner):
            return f"({dump(inner)})"
        case tree.Unary(op=op, operand=operand):
            return f"<{op} {dump(operand)}>"
        case tree.Chain(first=first, rest=rest):
            return "<" + " ".join([dump(first), *(f"{op} {dump(x)}" for op, x in rest)]) + ">"
        case tree.Power(base=base, exponent=exponent):
            return f"<{dump(base)} ** {dump(exponent)}>"
        case tree.Compare(op=op, left=left, right=right):
            return f"<{dump(left)} {op} {dump(right)}>"
        case tree.Logic(op=op, operands=operands):
            return "<" + f" {op} ".join(map(dump, operands)) + ">"
        case tree.Conditional(then=then, condition=condition, otherwise=otherwise):
            return f"<{dump(then)} if {dump(condition)} else {dump(otherwise)}>"
        case tree.FunctionCall(function=function, arguments=arguments):
            return f"{dump(function)}(" + ", ".join(map(dump, arguments)) + ")"
        case tree.Attribute(name=name, attribute=attribute):
            return f"{dump(name)}.{dump(attribute)}"
        case tree.Template(parts=parts):
            return "".join(p if isinstance(p, str) else "{" + dump(p) + "}" for p in parts)
        case tree.Path(segments=segments):
            return "/".join(map(dump, segments))
        case tree.Ref(path=path, attribute=attribute):
            end = f".{dump(attribute)}" if attribute is not None else ""
            return "@" + (dump(path) if path is not None else "") + end
        case tree.Keyword(name=name, value=value):
            return f"{dump(name)}={dump(value)}"
        case tree.Apply(layer=layer, arguments=arguments, keywords=keywords):
            return "Apply(" + " ".join(map(dump, (layer, *arguments, *keywords))) + ")"
        case tree.Braces(statements=statements):
            return "{" + "; ".join(map(dump, statements)) + "}"
        case tree.If(branches=branches, otherwise=otherwise):
            shown = [f"if {dump(c)} {dump(b)}" for c, b in branches]
            if otherwise is not None:
                shown.append(dump(otherwise))
            return "If(" + " else ".join(shown) + ")"
        case tree.Block(name=name, parameters=parameters, body=body, inline=inline):
            word = "Inline" if inline else "Block"
            return f"{word}({dump(name)}({', '.join(map(dump, parameters))}) {dump(body)})"
        case tree.Net(name=name, parameters=parameters, body=body):
            return f"Net({dump(name)}({', '.join(map(dump, parameters))}) {dump(body)})"
        case tree.Parameter(name=name, default=default):
            return dump(name) + (f"={dump(default)}" if default is not None else "")
        case tree.File(items=items):
            return "\n".join(map(dump, items))
        case tree.Tree():
            values = [getattr(node, f) for f in fields(node) if f != "span"]
            held = [dump(v) for v in values if v is not None and not isinstance(v, Span)]
            return f"{type(node).__name__}({' '.join(held)})"
        case tuple():
            return ", ".join(map(dump, node))
    return str(node)


def statements(text: str) -> str:
    """What the statements of a net's body parse to; there must be no mistake in them."""
    file, diagnostics = parse(SourceFile("test.net", f"net Test {{\n{text}\n}}\n"))
    assert not diagnostics, [(d.name, d.message, d.span) for d in diagnostics]
    (net,) = file.items
    assert isinstance(net, tree.Net)
    return dump(net.body)[1:-1]


def items(text: str) -> str:
    file, diagnostics = parse(SourceFile("test.net", text))
    assert not diagnostics, [(d.name, d.message, d.span) for d in diagnostics]
    return dump(file)
