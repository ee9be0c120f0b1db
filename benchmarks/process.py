"""What the system says of a running process, from `/proc`."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """The time all threads of a process have computed so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_megabytes(pid: int) -> float:
    """The memory a process takes now, in units of 1024 * 1024 bytes."""
    return _status_megabytes(pid, "VmRSS")


def forget_peak(pid: int) -> None:
    """Begin anew to look for the most memory a process takes."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_megabytes(pid: int) -> float:
    """The most memory a process took since `forget_peak`, in units of 1024 * 1024 bytes."""
    return _status_megabytes(pid, "VmHWM")


def _status_megabytes(pid: int, wanted: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == wanted:
            return int(value.split()[0]) / 1024
    raise ProcessLookupError(pid)
