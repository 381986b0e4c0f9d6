"""zsh's completion script.

What a command line takes is left to `cli.completion`, the quoting of words to `quoting`.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.cli.arguments import TAB
from netspec.cli.completion import Argument, Command, CommandLine, Kind
from netspec.cli.shells.quoting import quoted

_SCRIPT = r"""#compdef netspec
# netspec's completion for zsh. In ~/.zshrc, after compinit: eval "$(netspec completion zsh)"
# It may also stand as a file `_netspec` in a folder of $fpath.

_netspec_shipped() {
  local -a shipped
  shipped=(%(shipped)s)
  compadd "$@" -a shipped
}

_netspec_specs() {
  if [[ $PREFIX == zoo:* ]]; then
    compset -P zoo:
    _netspec_shipped
    return
  fi
  [[ -n $PREFIX && zoo: == $PREFIX* ]] && compadd -S '' -- zoo:
  _files -g '*.net'
}

# Paths inside the net of the line. What ends in a dot or `=` is to be followed by more.
_netspec_inside() {
  local -a offers open whole
  offers=("${(@f)$("$netspec" %(tab)s "${(@)words[1,CURRENT-1]}" "$IPREFIX$PREFIX" \
    2>/dev/null </dev/null)}")
  open=(${(M)offers:#*[.=]})
  whole=(${offers:#*[.=]})
  compadd "$@" -V paths -a whole
  compadd "$@" -V paths -S '' -a open
}

_netspec() {
  local netspec=$words[1]
  [[ $netspec == '~/'* ]] && netspec=$HOME/${netspec[3,-1]}
  local context state state_descr line
  typeset -A opt_args
  local -a commands
  commands=(
%(commands)s
  )
  _arguments -C \
%(own)s
    '1:command:->command' \
    '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
%(each)s
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _netspec ]]; then
  _netspec "$@"
else
  compdef _netspec netspec
fi
"""

_ACTIONS = {
    Kind.NOTHING: " ",
    Kind.SPEC: "_netspec_specs",
    Kind.SHIPPED: "_netspec_shipped",
    Kind.INSIDE: "_netspec_inside",
    Kind.FILE: "_files",
    Kind.FOLDER: "_files -/",
}


def zsh(line: CommandLine) -> str:
    """A function for `_arguments`, which reads the words by itself."""
    each = []
    for command in line.commands:
        specs = [
            *_options(command),
            *(_argument(a, n) for n, a in enumerate(command.arguments, 1)),
        ]
        body = " \\\n".join(f"            {quoted(spec)}" for spec in specs)
        each.append(f"        {command.name})\n          _arguments \\\n{body}\n          ;;")
    return _SCRIPT % {
        "tab": TAB,
        "shipped": " ".join(line.shipped),
        "commands": "\n".join(
            f"    {quoted(f'{c.name}:{_escaped(c.help)}')}" for c in line.commands
        ),
        "own": "\n".join(f"    {quoted(spec)} \\" for spec in _options(line.own)),
        "each": "\n".join(each),
    }


def _options(command: Command) -> Iterator[str]:
    for option in command.options:
        once = "*" if option.repeated else f"({' '.join(option.flags)})"
        for flag in option.flags:
            value = ""
            if option.value is not None:
                flag += "=" if flag.startswith("--") else "+"
                between = "::" if option.value.optional else ":"
                value = f"{between}{_escaped(option.value.name)}:{_action(option.value)}"
            yield f"{once}{flag}[{_escaped(option.help)}]{value}"


def _argument(argument: Argument, number: int) -> str:
    place = "*" if argument.repeated else f"{number}:" if argument.optional else f"{number}"
    return f"{place}:{_escaped(argument.name)}:{_action(argument)}"


def _action(argument: Argument) -> str:
    if argument.kind is Kind.WORDS:
        return f"({' '.join(map(_escaped, argument.words))})"
    return _ACTIONS[argument.kind]


def _escaped(text: str) -> str:
    """Fit for a part of a description that ends at a colon or bracket."""
    return "".join(f"\\{c}" if c in "\\:[]" else c for c in text)
