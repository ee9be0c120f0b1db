"""One export on its way to the disk, in a thread of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from batchtui.domain.pricing import PriceTable
from batchtui.results.export.exporting import Exported, Format, export, open_target
from batchtui.results.reader import ResultFile


class Export:
    """Lines of a result file to be written to a path.

    Args:
        file: the result file.
        numbers: of the lines.
        format: how to write them.
        prices: to say what they cost.

    Attributes:
        lines: how many there are to write.
        done: how far it is; to be read from any thread.
        canceled: set this to stop it; nothing is left of it then.
    """

    def __init__(
        self,
        file: ResultFile,
        numbers: Sequence[int],
        format: Format,  # noqa: A002
        prices: PriceTable,
    ) -> None:
        self._file, self._numbers, self._format, self._prices = file, numbers, format, prices
        self.lines = len(numbers)
        self.done = Exported()
        self.canceled = False

    def run(self, path: Path, *, replace: bool) -> bool:
        """Write them; False if it was canceled.

        Raises:
            TakenError: if the name is taken.
            BatchtuiError: if it cannot be done.
        """
        with open_target(path, self._format, replace=replace) as target:
            steps = export(self._file, self._numbers, self._format, target, prices=self._prices)
            for self.done in steps:
                if self.canceled:
                    return False
            target.publish()
        return True
