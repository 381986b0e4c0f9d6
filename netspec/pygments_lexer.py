"""Colours `.net` files wherever Pygments does: in documentation, notebooks and terminals.

It tells words apart by where they stand, and finds no mistakes: the syntax is left to
`grammar/netspec.lark`, which a test holds these lists against. It imports nothing of netspec, as
Pygments loads its plugins only to look through them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups, default, include, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Whitespace,
    _TokenType,
)

#: Words that begin an item, a `let`, a `default` or an `init`.
DECLARATIONS = ("block", "default", "from", "import", "init", "inline", "let", "net")
#: Words that begin a statement or go on with it, and what follows them where that tells.
STATEMENTS = ("assert", "else", "if", "input", "output", "repeat", "residual", "share", "shortcut")
#: Those that merge branches.
MERGES = ("add", "concat", "max", "mul", "sub")
#: Words within arguments and expressions.
INSIDE = ("as", "else", "if")
LOGIC = ("and", "not", "or")
CONSTANTS = ("false", "none", "true")
KEYWORDS = frozenset((*DECLARATIONS, *STATEMENTS, *MERGES, *INSIDE, *LOGIC, *CONSTANTS))

FUNCTIONS = ("abs", "ceil", "floor", "len", "make_divisible", "max", "min", "round", "sum")

LAYERS = (
    *("adaptive_avgpool", "adaptive_maxpool", "avgpool", "batchnorm", "blurpool"),
    *("channel_shuffle", "conv", "conv_transpose", "crop", "dense", "dropout", "dwconv", "elu"),
    *("flatten", "gaussian_dropout", "gaussian_noise", "gelu", "global_avgpool"),
    *("global_maxpool", "grn", "groupnorm", "hardsigmoid", "hardswish", "identity"),
    *("instancenorm", "layernorm", "leaky_relu", "log_softmax", "lrn", "maximum", "maxpool"),
    *("mean", "mish", "multiply", "pad", "parameter", "permute", "pixel_shuffle", "prelu"),
    *("relu", "relu6", "reshape", "resize", "scale", "select", "selu", "sigmoid", "silu"),
    *("slice", "softmax", "softplus", "space_to_depth", "spatial_dropout"),
    *("stochastic_depth", "sum", "tanh", "upsample"),
)

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_END = r"(?![A-Za-z0-9_])"
# As LABEL, REFERENCE, PATH, DIMS and NUMBER of the grammar.
_INSET = r'\{[^{}\n;"#]*\}'
_PLACE = rf"(?:[A-Za-z0-9_]|{_INSET})+"
_PATH = rf'(?:"[^"\n]*"|{_PLACE})(?:\.{_PLACE})*'
_BEFORE_METHOD = rf"(?=[ \t]+{_NAME}{_END}(?![ \t]*=))"
_LABEL = rf'(?:(?:[A-Za-z_]|{_INSET})(?:[A-Za-z0-9_]|{_INSET})*|"[^"\n]*")(?=[ \t]*:)'
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_SIDE = rf"(?:{_DIGITS}|[A-Z]|_)"
_DIMS = rf"{_SIDE}(?:x{_SIDE})+{_END}"
_EXPONENT = r"[eE][+-]?[0-9]+"
_FLOAT = rf"{_DIGITS}(?:\.{_DIGITS}(?:{_EXPONENT})?|{_EXPONENT})[KMG]?{_END}"
_INTEGER = rf"{_DIGITS}[KMG]?{_END}"


def _with_insets(kind: _TokenType) -> Callable[..., Iterator[tuple[int, _TokenType, str]]]:
    """A label's or reference's own text as one kind, the expressions in its braces as such."""

    def pieces(
        lexer: RegexLexer, match: re.Match[str], _context: object = None
    ) -> Iterator[tuple[int, _TokenType, str]]:
        for piece in re.finditer(r"\{([^{}]*)\}|[^{]+|\{", match.group()):
            at = match.start() + piece.start()
            if piece[1] is None:
                yield at, kind, piece[0]
                continue
            yield at, String.Interpol, "{"
            for offset, token, text in lexer.get_tokens_unprocessed(piece[1], ("expression",)):
                yield at + 1 + offset, token, text
            yield at + 1 + len(piece[1]), String.Interpol, "}"

    return pieces


# Without types in its stubs.
_groups: Callable[..., object] = bygroups


class NetspecLexer(RegexLexer):
    """netspec's language: the first word of a statement, and what it takes."""

    name = "netspec"
    aliases = ("netspec",)
    filenames = ("*.net",)
    mimetypes = ("text/x-netspec",)

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"inline(?=[ \t]+block\b)", Keyword.Declaration),
            (
                rf"(block)([ \t]+)({_NAME})",
                _groups(Keyword.Declaration, Whitespace, Name.Function),
                "arguments",
            ),
            (
                rf"(net)([ \t]+)({_NAME})",
                _groups(Keyword.Declaration, Whitespace, Name.Class),
                ("arguments", "alias"),
            ),
            (r'from(?=[ \t]*")', Keyword.Namespace, "import"),
            include("statement"),
            (r"\}", Punctuation),
        ],
        # `net` and `block` are free names here.
        "braces": [
            include("statement"),
            (r"\}", Punctuation, "#pop"),
        ],
        "statement": [
            include("blanks"),
            (r"\n", Whitespace),
            (_LABEL, _with_insets(Name.Label)),
            (r"[;:]", Punctuation),
            (r"\{", Punctuation, "braces"),
            (r"->", Operator, "arguments"),
            include("reference"),
            (
                rf"(let)([ \t]+)({_NAME})",
                _groups(Keyword.Declaration, Whitespace, Name.Variable),
                "arguments",
            ),
            (rf"default(?=[ \t]+{_NAME})", Keyword.Declaration),
            (r"init(?=[ \t]+[A-Za-z_@\"])", Keyword.Declaration, "initial"),
            (
                rf"(share)([ \t]+)({_PATH})",
                _groups(Keyword, Whitespace, _with_insets(Name.Variable)),
            ),
            (rf"output{_END}", Keyword, "output"),
            (words(MERGES, suffix=rf"(?=[ \t]*(?:\{{|{_NAME}[ \t]*=))"), Keyword, "arguments"),
            (r"(?:residual|shortcut)(?=[ \t]*\{)", Keyword),
            (r"else(?=[ \t]*\{|[ \t]+if\b)", Keyword),
            (words(("assert", "if", "input", "repeat"), suffix=_END), Keyword, "arguments"),
            (words(LAYERS, suffix=_END), Name.Builtin, "arguments"),
            (_NAME, Name.Function, "arguments"),
        ],
        # The layers that an `init` speaks of, if it names some, and the method.
        "initial": [
            include("blanks"),
            include("reference"),
            (words(LAYERS, suffix=rf"{_END}{_BEFORE_METHOD}"), Name.Builtin),
            (rf"{_PATH}{_BEFORE_METHOD}", _with_insets(Name.Variable)),
            (_NAME, Name.Function, ("#pop", "arguments")),
            default("#pop"),
        ],
        # `when=training` and the like, before the statement that it takes.
        "output": [
            include("blanks"),
            (rf"({_NAME})(=)({_NAME})", _groups(Name.Attribute, Operator, Name)),
            (rf'({_NAME})(=)("[^"\n]*")', _groups(Name.Attribute, Operator, String)),
            default("#pop"),
        ],
        "import": [
            include("blanks"),
            include("string"),
            (rf"import{_END}", Keyword.Namespace),
            (r",", Punctuation),
            (_NAME, Name),
            default("#pop"),
        ],
        "alias": [
            include("blanks"),
            (rf"(=)([ \t]*)({_NAME})", _groups(Operator, Whitespace, Name.Class), "#pop"),
            default("#pop"),
        ],
        # To the end of the statement, or the braces that it takes.
        "arguments": [
            include("expression"),
            default("#pop"),
        ],
        # New lines do not count.
        "group": [
            (r"\n", Whitespace),
            (r"[)\]]", Punctuation, "#pop"),
            include("expression"),
        ],
        "expression": [
            include("blanks"),
            include("string"),
            include("reference"),
            (r"[(\[]", Punctuation, "group"),
            (r"[,:]", Punctuation),
            (_DIMS, Number),
            (_FLOAT, Number.Float),
            (_INTEGER, Number.Integer),
            (rf"_{_END}", Name.Builtin.Pseudo),
            (rf"({_NAME})([ \t]*)(=)(?!=)", _groups(Name.Attribute, Whitespace, Operator)),
            (rf"(\.)({_NAME})", _groups(Operator, Name.Attribute)),
            (words(FUNCTIONS, suffix=r"(?=\()"), Name.Builtin),
            (words(INSIDE, suffix=_END), Keyword),
            (words(LOGIC, suffix=_END), Operator.Word),
            (words(CONSTANTS, suffix=_END), Keyword.Constant),
            (rf"in{_END}", Name.Builtin.Pseudo),
            (_NAME, Name),
            (r"->|\*\*|//|[=!<>]=|[-+*/%<>=]", Operator),
        ],
        "reference": [
            (rf"@(?:{_PATH}|\.{_NAME})?", _with_insets(Name.Variable)),
        ],
        "string": [
            (r'"(?=[^"\n]*"|(?:[^"\\\n]|\\.)*")', String.Double, "text"),
        ],
        "text": [
            (r'[^"\\\n]+', String.Double),
            (r"\\.", String.Escape),
            (r'"', String.Double, "#pop"),
        ],
        "blanks": [
            (r"[ \t]+", Whitespace),
            (r"#[^\n]*", Comment.Single),
        ],
    }
