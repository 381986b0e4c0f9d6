"""What figures hold for: the machine and its Python. Nothing in it tells whose machine it is."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path


def described() -> dict[str, object]:
    """Processor, cores, memory in GiB, system and Python."""
    return {
        "processor": _processor(),
        "cores": _cores(),
        "memory": _memory(),
        "system": _system(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def line(machine: dict[str, object]) -> str:
    """The same in one line."""
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory']} GiB of memory, "
        f"{machine['system']}, {machine['python']}"
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for entry in cpuinfo.read_text(errors="replace").splitlines():
            name, _, value = entry.partition(":")
            if name.strip() == "model name":
                return " ".join(value.split())
    if platform.system() == "Darwin":
        asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _system() -> str:
    if platform.system() == "Linux":
        try:
            return platform.freedesktop_os_release()["PRETTY_NAME"]
        except OSError:
            return "Linux"
    return f"{platform.system()} {platform.release()}"
