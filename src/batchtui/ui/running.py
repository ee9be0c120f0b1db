"""Runs the app from its first paint to its last, and leaves the terminal as it was."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from batchtui.account.opening import Opened
from batchtui.ui.app import BatchtuiApp
from batchtui.ui.configured import Reread


def run_app(opened: Opened, *, modes: Sequence[str] = (), reread: Reread | None = None) -> int:
    """Run the app until it is left; returns the exit code.

    The terminal is restored and the accounts are closed however it ends.

    Args:
        opened: the account to begin with; see `BatchtuiApp` for this and the others.
        modes: what the mastheads say besides READ-ONLY and OFFLINE.
        reread: reads the settings anew.
    """
    # A connection that is given up while it is made leaves such a coroutine behind, and Python
    # would say so on the terminal when the app has been left.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    app = BatchtuiApp(opened, modes=modes, reread=reread)
    try:
        code = app.run(mouse=opened.settings.mouse)
    finally:
        app.restore_window()
        app.accounts.stop()
    if code is None and app.return_code in (0, None):
        # Nobody left it: Ctrl+C came before the app could take it, and ended its loop.
        raise KeyboardInterrupt
    return code if code is not None else app.return_code or 0
