"""`batchtui completion`: what a shell needs to complete commands, options and ids."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from batchtui.cli.options import examples
from batchtui.cli.output import stdout

_VARIABLE = "_BATCHTUI_COMPLETE"


@click.command(
    "completion",
    epilog=examples(
        'eval "$(batchtui completion bash)"',
        "batchtui completion fish | source",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of a shell, to be sourced or written to where the shell looks.

    \b
    bash  ~/.local/share/bash-completion/completions/batchtui
    zsh   _batchtui in a folder of $fpath
    fish  ~/.config/fish/completions/batchtui.fish
    """  # noqa: D301
    stdout().script(completion_script(shell))


def completion_script(shell: str) -> str:
    """What `batchtui completion` prints for bash, zsh or fish."""
    from batchtui.cli.main import batchtui

    kind = get_completion_class(shell)
    assert kind is not None
    complete = kind(batchtui, {}, "batchtui", _VARIABLE)
    # Not `source()`: for bash that runs one to see its version.
    return complete.source_template % complete.source_vars() + "\n"
