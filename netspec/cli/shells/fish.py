"""fish's completion script.

What a command line takes is left to `cli.completion`.
"""

from __future__ import annotations

from netspec.cli.arguments import TAB
from netspec.cli.completion import Argument, Command, CommandLine, Kind, Option

_SCRIPT = r"""# netspec's completion for fish: netspec completion fish | source
# It may also stand as ~/.config/fish/completions/netspec.fish.

function __netspec_shipped
    printf '%%s\n' $argv[1]%(shipped)s
end

function __netspec_specs
    set -l word (commandline --current-token)
    if string match --quiet 'zoo:*' -- $word
        __netspec_shipped zoo:
        return
    end
    # It names every file, those with the suffix first.
    __fish_complete_suffix .net | string match --regex '.*(?:\.net|/)(?:\t.*)?$'
    if test -n "$word"
        echo zoo:
    end
end

# Paths inside the net of the line.
function __netspec_inside
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l netspec (string replace --regex '^~/' "$HOME/" -- $words[1])
    set -l typed (commandline --current-token --cut-at-cursor)
    $netspec %(tab)s $words[2..] $typed 2>/dev/null </dev/null
end

# Whether so many arguments stand before the cursor; the flags take the word behind them.
function __netspec_at # how many, flags
    set -l found 0
    set -l taken 0
    for word in (commandline --current-process --tokenize --cut-at-cursor)[3..]
        if test $taken -eq 1
            set taken 0
        else if contains -- $word $argv[2..]
            set taken 1
        else if not string match --quiet -- '-*' $word
            set found (math $found + 1)
        end
    end
    test $found -eq $argv[1]
end

complete --command netspec --no-files
%(lines)s
"""

_WORDS = {
    Kind.SPEC: "(__netspec_specs)",
    Kind.SHIPPED: "(__netspec_shipped '')",
    Kind.FOLDER: "(__fish_complete_directories)",
    Kind.INSIDE: "(__netspec_inside)",
}


def fish(line: CommandLine) -> str:
    """One `complete` for each command, option and argument."""
    lines = [_line("__fish_use_subcommand", _option(o)) for o in line.own.options]
    for command in line.commands:
        here = f"__fish_seen_subcommand_from {command.name}"
        lines.append(
            _line(
                "__fish_use_subcommand",
                f"--arguments {_quoted(command.name)} --description {_quoted(command.help)}",
            )
        )
        lines += [_line(here, _option(option)) for option in command.options]
        lines += [
            _line(_where(here, command, place), _value(argument))
            for place, argument in enumerate(command.arguments)
            if argument.kind is not Kind.NOTHING
        ]
    # A set in fish: each element takes the prefix.
    return _SCRIPT % {
        "tab": TAB,
        "shipped": f"{{{','.join(line.shipped)}}}" if line.shipped else "",
        "lines": "\n".join(lines),
    }


def _where(here: str, command: Command, place: int) -> str:
    """Where an argument is typed; its place is told where the arguments differ."""
    if len({argument.kind for argument in command.arguments}) == 1:
        return here
    flags = [f for o in command.options if o.value and not o.value.optional for f in o.flags]
    return f"{here}; and __netspec_at {' '.join([str(place), *flags])}"


def _line(condition: str, rest: str) -> str:
    return f"complete --command netspec --condition {_quoted(condition)} {rest}"


def _option(option: Option) -> str:
    flags = [
        f"--long-option {flag[2:]}" if flag.startswith("--") else f"--short-option {flag[1:]}"
        for flag in option.flags
    ]
    if option.value is not None:
        if not option.value.optional:
            files = option.value.kind is Kind.FILE
            flags.append("--require-parameter" if files else "--exclusive")
        flags.append(_value(option.value))
    return " ".join([*filter(None, flags), f"--description {_quoted(option.help)}"])


def _value(argument: Argument) -> str:
    if argument.kind is Kind.FILE:
        return "--force-files"
    if argument.kind is Kind.NOTHING:
        return ""
    words = _WORDS.get(argument.kind) or " ".join(argument.words)
    order = "--keep-order " if argument.kind is Kind.INSIDE else ""
    return f"{order}--arguments {_quoted(words)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
