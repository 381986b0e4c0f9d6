"""bash's completion script.

What a command line takes is left to `cli.completion`, the quoting of words to `quoting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netspec.cli.arguments import TAB
from netspec.cli.completion import Argument, Command, CommandLine, Kind
from netspec.cli.shells.quoting import quoted

_SCRIPT = r"""# netspec's completion for bash. In ~/.bashrc: eval "$(netspec completion bash)"
# Works from bash 3.2 on, that of macOS.

_netspec_add() {
  while IFS= read -r; do COMPREPLY+=("$REPLY"); done
}

_netspec_fill() { # what with
  local shipped=%(shipped)s
  case $1 in
    inside)
      compopt -o nosort 2>/dev/null
      _netspec_add < <("$netspec" %(tab)s "${words[@]:1}" 2>/dev/null </dev/null)
      # A dot or a sign of equality is to be followed by more.
      if [[ "${COMPREPLY[*]}" == *[.=] ]]; then compopt -o nospace 2>/dev/null; fi
      ;;
    words) _netspec_add < <(compgen -W "$2" -- "$cur") ;;
    shipped) _netspec_add < <(compgen -W "$shipped" -- "$cur") ;;
    file)
      compopt -o filenames 2>/dev/null
      _netspec_add < <(compgen -f -- "$cur")
      ;;
    folder)
      compopt -o filenames 2>/dev/null
      _netspec_add < <(compgen -d -- "$cur")
      ;;
    spec)
      if [[ $cur == zoo:* ]]; then
        _netspec_add < <(compgen -P zoo: -W "$shipped" -- "${cur#zoo:}")
        return
      fi
      _netspec_add < <(
        compgen -d -- "$cur"
        compgen -f -X '!*.net' -- "$cur"
      )
      if [[ -n $cur && zoo: == "$cur"* ]]; then
        COMPREPLY+=(zoo:)
        compopt -o nospace 2>/dev/null
      else
        compopt -o filenames 2>/dev/null
      fi
      ;;
  esac
}

_netspec() {
  local netspec=${COMP_WORDS[0]} line=$COMP_LINE cur piece word command='' pending='' prefix='' i
  local -i position=0 ended=0
  local -a words
  words=()
  COMPREPLY=()
  if [[ $netspec == '~/'* ]]; then netspec=$HOME/${netspec:2}; fi
  # What bash takes apart at `:` and `=` is put together again.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=${COMP_WORDS[i]}
    if ((i == 0)) || [[ $line == [[:blank:]]* ]]; then
      line=${line#"${line%%%%[![:blank:]]*}"}
      words[${#words[@]}]=$piece
    else
      words[${#words[@]} - 1]+=$piece
    fi
    line=${line#"$piece"}
  done
  cur=${words[${#words[@]} - 1]}
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    if [[ -n $pending ]]; then
      pending=''
    elif ((ended)) || [[ $word != -?* ]]; then
      if [[ -z $command ]]; then command=$word; else position+=1; fi
    elif [[ $word == -- ]]; then
      ended=1
    else
      case "$command $word" in
%(valued)s
      esac
    fi
  done
  if [[ -z $pending ]] && ! ((ended)); then
    if [[ $cur == --*=* ]]; then
      pending=${cur%%%%=*}
      prefix=$pending=
      cur=${cur#*=}
    elif [[ $cur == -* ]]; then
      case $command in
%(flags)s
      esac
      return
    fi
  fi
  if [[ -z $command$pending ]]; then
    _netspec_fill words %(commands)s
    return
  fi
  case "$command ${pending:-$position}" in
%(values)s
  esac
  # bash replaces only what follows the last of its word breaks.
  if [[ $COMP_WORDBREAKS == *:* && $cur == *:* ]]; then
    piece=${cur%%"${cur##*:}"}
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$piece"}; done
  elif [[ -n $prefix && $COMP_WORDBREAKS != *=* ]]; then
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=$prefix${COMPREPLY[i]}; done
  fi
}

complete -F _netspec netspec
"""


def bash(line: CommandLine) -> str:
    """A function that reads the words before the cursor, and a table of what may follow."""
    known = [line.own, *line.commands]
    valued = [
        quoted(f"{command.name} {flag}")
        for command in known
        for option in command.options
        if option.value is not None and not option.value.optional
        for flag in option.flags
    ]
    return _SCRIPT % {
        "tab": TAB,
        "shipped": quoted(" ".join(line.shipped)),
        "valued": f"        {' | '.join(valued)}) pending=$word ;;" if valued else "",
        "flags": "\n".join(
            f"        {quoted(command.name)}) _netspec_fill words "
            f"{quoted(' '.join(f for o in command.options for f in o.flags))} ;;"
            for command in known
        ),
        "commands": quoted(" ".join(command.name for command in line.commands)),
        "values": "\n".join(_values(known)),
    }


def _values(commands: Iterable[Command]) -> Iterator[str]:
    for command in commands:
        for option in command.options:
            if option.value is not None and option.value.kind is not Kind.NOTHING:
                where = " | ".join(quoted(f"{command.name} {flag}") for flag in option.flags)
                yield f"    {where}) {_fill(option.value)} ;;"
        for position, argument in enumerate(command.arguments):
            if argument.kind is not Kind.NOTHING:
                where = quoted(f"{command.name} {position}")
                if argument.repeated:
                    where = f"{quoted(f'{command.name} ')}[0-9]*"
                yield f"    {where}) {_fill(argument)} ;;"


def _fill(argument: Argument) -> str:
    words = f" {quoted(' '.join(argument.words))}" if argument.kind is Kind.WORDS else ""
    return f"_netspec_fill {argument.kind.value}{words}"
