"""What the man page says beside the help of the commands."""

from __future__ import annotations

from typing import Final

ENVIRONMENT: Final = (
    ("ANTHROPIC_API_KEY", "The API key, unless an account or a profile is used."),
    ("ANTHROPIC_BASE_URL", "Address of the API."),
    ("BATCHTUI_ACCOUNT", "The account to use, as with --account."),
    ("BATCHTUI_CONFIG_DIR", "Where settings, history and results are kept, as with --config-dir."),
    ("BATCHTUI_DEBUG", "If set, a fault of batchtui's own shows where it came from."),
    (
        "NO_COLOR",
        "If it is not empty, the app shows greys instead of colours. Commands never print colours.",
    ),
    ("CLICOLOR", "If 0, it is as if NO_COLOR were set."),
    ("CLICOLOR_FORCE", "If neither empty nor 0, CLICOLOR is of no matter; NO_COLOR still is."),
    ("TERM", "If dumb, nothing is ever written over, and the app does not start."),
    ("SSH_CONNECTION, SSH_TTY", "If either is set, the app animates nothing."),
    ("COLUMNS", "How wide the terminal is, if not what it says itself."),
    ("VISUAL, EDITOR", "What edits config.toml."),
)

FILES: Final = (
    (
        "~/.config/batchtui/",
        "The config directory, unless another is given; elsewhere than on Linux, `batchtui info`"
        " says where it is. It and all in it are closed to everybody else.",
    ),
    ("config.toml", "The settings. `batchtui config` prints and changes them."),
    ("history.db", "What is known of batches and jobs, and what was noted."),
    ("results/", "Results that were fetched, and their indexes."),
)

SEE_ALSO: Final = (
    "`batchtui COMMAND --help` says of each command what stands here."
    " The Message Batches API is described at https://docs.anthropic.com/."
)
