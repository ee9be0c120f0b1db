"""The one directory everything of a person's is kept in, and nobody else's to read."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from batchtui.domain.errors import StorageError
from batchtui.domain.text import safe_line
from batchtui.system import is_ours

DIRECTORY_VARIABLE = "BATCHTUI_CONFIG_DIR"
PRIVATE_DIRECTORY = 0o700


def locate(environ: Mapping[str, str], option: Path | None = None) -> Path:
    """Where the config directory is: the option, `BATCHTUI_CONFIG_DIR`, or the system's place."""
    if option is not None:
        return with_home(option)
    if environ.get(DIRECTORY_VARIABLE):
        return with_home(environ[DIRECTORY_VARIABLE])
    from platformdirs import user_config_path

    return user_config_path("batchtui", appauthor=False)


def ensure(directory: Path) -> Path:
    """Make the directory if need be, and make it private if it is ours.

    Raises:
        StorageError: if it cannot be made, or something else has its name.
    """
    shown = safe_line(str(directory))
    try:
        directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        status = directory.stat()
        mode = stat.S_IMODE(status.st_mode)
        if is_ours(status) and mode & ~PRIVATE_DIRECTORY:
            with suppress(OSError):  # some file systems have no modes
                directory.chmod(mode & PRIVATE_DIRECTORY)
    except (FileExistsError, NotADirectoryError):
        raise StorageError(
            f"{shown} cannot be the config directory, because a file is in its place",
            todo="Move the file away, or choose another directory with --config-dir",
        ) from None
    except OSError as error:
        raise StorageError(
            f"The config directory {shown} cannot be made: {error.strerror}",
            todo="Choose another directory with --config-dir",
        ) from None
    return directory


def with_home(path: str | Path) -> Path:
    """The path with the home directory for "~"; unlike `Path.expanduser` never raises.

    "~nobody", who has no home, stays as it is.
    """
    return Path(os.path.expanduser(path))
