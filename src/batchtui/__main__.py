"""The `batchtui` command; `python -m batchtui` is the same."""

import sys


def run() -> None:
    """Run the command. Ctrl+C ends it without a traceback from its first moment on."""
    try:
        from batchtui.cli.garbage import no_collection

        with no_collection():
            from batchtui.cli.main import run as run_command
    except KeyboardInterrupt:
        sys.exit(130)
    run_command()


if __name__ == "__main__":
    run()
