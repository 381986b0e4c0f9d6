"""fish's completion script.

What a command line takes is left to `cli.completion`.
"""

from __future__ import annotations

from netspec.cli.completion import Argument, CommandLine, Kind, Option

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

complete --command netspec --no-files
%(lines)s
"""

_WORDS = {
    Kind.SPEC: "(__netspec_specs)",
    Kind.SHIPPED: "(__netspec_shipped '')",
    Kind.FOLDER: "(__fish_complete_directories)",
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
            _line(here, _value(argument))
            for argument in command.arguments
            if argument.kind is not Kind.NOTHING
        ]
    # A set in fish: each element takes the prefix.
    return _SCRIPT % {
        "shipped": f"{{{','.join(line.shipped)}}}" if line.shipped else "",
        "lines": "\n".join(lines),
    }


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
    return f"--arguments {_quoted(words)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
