# bench/suite/machine.py: what the figures were taken on.
import os
import platform
import re
from pathlib import Path


def first_match(path, pattern):
    try:
        match = re.search(pattern, Path(path).read_text(), re.M)
    except OSError:
        return None
    return match.group(1).strip() if match else None


def describe():
    """The processor, cores, kernel and what else makes one run differ from another."""
    governor = first_match("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", r"(.+)")
    memory = first_match("/proc/meminfo", r"^MemTotal:\s+(\d+) kB")
    return {
        "processor": first_match("/proc/cpuinfo", r"^model name\s*: (.+)$") or platform.machine(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(memory) / 2**20, 1) if memory else None,
        "kernel": platform.release(),
        "system": first_match("/etc/os-release", r'^PRETTY_NAME="(.+)"') or platform.system(),
        "governor": governor or "none to be seen",
        "virtual": "hypervisor" in (first_match("/proc/cpuinfo", r"^flags\s*: (.+)$") or ""),
    }


def name_of(machine):
    """A name for its file of results."""
    text = re.sub(r"\((R|TM)\)|processor|cpu|@.*|\d+-core", " ", machine["processor"], flags=re.I)
    return re.sub(r"[^a-z0-9]+", "-", f"{text} {machine['cores']} cores".lower()).strip("-")


def load():
    """How many processes want to run now, on the average of the last minute."""
    return os.getloadavg()[0]
