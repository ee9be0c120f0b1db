"""What the man page says beside the help of the commands."""

from __future__ import annotations

from typing import Final

ENVIRONMENT: Final = (
    ("ANTHROPIC_API_KEY", "The API key, unless an account or a profile is used."),
    ("ANTHROPIC_BASE_URL", "Address of the API."),
    ("BATCHTUI_ACCOUNT", "The account to use, as with --account."),
    ("BATCHTUI_CONFIG_DIR", "Where settings, history and results are kept, as with --config-dir."),
    ("BATCHTUI_DEBUG", "If set, a fault of batchtui's own shows where it came from."),
    ("NO_COLOR", "If set to anything, no colours are used, neither in the app nor by commands."),
    (
        "CLICOLOR, CLICOLOR_FORCE",
        "0 in the first has commands use no colours; anything but 0 in the second has them use"
        " colours also where no terminal is.",
    ),
    ("TERM", "If dumb, commands write nothing but plain lines, and the app does not start."),
    ("SSH_CONNECTION, SSH_TTY", "If either is set, the app animates nothing."),
    ("COLUMNS", "How wide the terminal is, if not what it says itself."),
    ("VISUAL, EDITOR", "What edits config.toml."),
)

FILES: Final = (
    ("~/.config/batchtui/config.toml", "The settings. `batchtui config` prints and changes them."),
    ("~/.config/batchtui/history.db", "What is known of batches and jobs, and what was noted."),
    ("~/.config/batchtui/results/", "Results that were fetched, and their indexes."),
)

SEE_ALSO: Final = (
    "`batchtui COMMAND --help` says of each command what stands here."
    " The Message Batches API is described at https://docs.anthropic.com/."
)
