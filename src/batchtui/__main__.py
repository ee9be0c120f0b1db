"""`python -m batchtui` is the `batchtui` command."""

from batchtui.cli.main import run

if __name__ == "__main__":
    run()
