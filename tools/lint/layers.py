#!/usr/bin/env python3
# tools/lint/layers.py: checks the layers of layers.txt, that there is no include cycle, that public headers are light
# and bring no third-party ones along, and that each of them compiles alone.
import fnmatch
import shutil
import sys
from pathlib import Path

from project import ROOT, closure, entries, includes, name_of, report, run_cached, sources

STANDARD = set("""
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
    clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
    cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution filesystem format forward_list fstream
    functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory
    memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex scoped_allocator
    semaphore set shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view
    strstream syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility
    valarray variant vector version""".split())


class Rules:
    def __init__(self):
        self.below, self.heavy, self.system, self.allowed, self.budgets = {}, set(), [], [], {}
        for line in entries(ROOT / "tools/lint/layers.txt"):
            word, rest = line.split(None, 1)
            if word == "layer":
                name, below = rest.split(":")
                self.below.setdefault(name.strip(), set()).update(below.split())
            elif word == "heavy":
                self.heavy |= set(rest.split())
            elif word == "system":
                self.system += rest.split()
            elif word == "allow":
                self.allowed.append(tuple(rest.split()))
            elif word == "budget":
                name, headers, lines = rest.split()
                self.budgets[name] = int(headers), int(lines)
            else:
                sys.exit(f"layers.txt: unknown word '{word}'")


def component(path):
    """The layer a file belongs to, or None: umbrellas, tests and examples may include everything."""
    parts = path.relative_to(ROOT).parts
    if parts[0] == "include" and len(parts) > 3:
        return parts[2]
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    return "cli" if parts[0] == "cli" else None


def check_layers(rules):
    for path in sources("include", "src", "cli"):
        layer = component(path)
        if layer is None:
            continue
        if layer not in rules.below:
            yield f"{name_of(path)}:1: the component '{layer}' is not in tools/lint/layers.txt"
            continue
        for line, spelled, target in includes(path):
            if target is None or not target.is_relative_to(ROOT):
                if spelled.startswith("torus/"):
                    yield f"{name_of(path)}:{line}: no such header: {spelled}"
                continue
            other = component(target)
            if other is None and target.is_relative_to(ROOT / "include"):
                if target.name != "version.hpp" and layer != "cli":
                    yield f"{name_of(path)}:{line}: {spelled} is for users; include what is needed"
            elif other != layer and other not in rules.below[layer]:
                yield f"{name_of(path)}:{line}: {layer} may not use {other} ({spelled})"
            if path.is_relative_to(ROOT / "include") and target.is_relative_to(ROOT / "src"):
                yield f"{name_of(path)}:{line}: a public header includes the private {spelled}"


def check_weight(rules):
    for path in sources("include"):
        for line, spelled, target in includes(path):
            if target is not None:
                continue
            allowed = any(name_of(path).startswith(prefix) and spelled == name for prefix, name in rules.allowed)
            if spelled in rules.heavy:
                yield f"{name_of(path)}:{line}: <{spelled}> is too heavy for a public header"
            elif spelled not in STANDARD and not allowed and not any(fnmatch.fnmatch(spelled, s) for s in rules.system):
                yield f"{name_of(path)}:{line}: <{spelled}> is third-party and may not be in a public header"
        headers, lines = rules.budgets.get(component(path), (None, None))
        if headers is not None and path.stem != component(path):  # an umbrella brings everything along
            brought = closure(path) - {path}
            own_lines = sum(len(p.read_text().splitlines()) for p in brought | {path})
            if len(brought) > headers:
                yield f"{name_of(path)}:1: brings {len(brought)} own headers along, more than {headers}"
            if own_lines > lines:
                yield f"{name_of(path)}:1: is {own_lines} own lines with what it includes, more than {lines}"


def check_cycles():
    state, stack, found = {}, [], []

    def visit(path):
        state[path] = "open"
        stack.append(path)
        for _, _, target in includes(path):
            if target is None or target == path:
                continue
            if state.get(target) == "open":
                cycle = stack[stack.index(target):] + [target]
                found.append(f"{name_of(target)}:1: include cycle: " + " -> ".join(name_of(p) for p in cycle))
            elif target not in state:
                visit(target)
        stack.pop()
        state[path] = "done"

    for path in sources("include", "src"):
        if path not in state:
            visit(path)
    return found


def check_alone():
    compiler = shutil.which("clang++-19")
    if compiler is None:
        yield "clang++-19 is missing: cannot check that headers compile alone"
        return
    headers = sources("include", suffixes=(".hpp",))
    flags = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wno-pragma-once-outside-header", f"-I{ROOT / 'include'}"]
    jobs = [(path, [compiler, *flags, str(path)], "") for path in headers]
    for path, output in sorted(run_cached("alone", jobs).items()):
        first = next((line for line in output.splitlines() if "error" in line or "warning" in line), output[:200])
        yield f"{name_of(path)}:1: does not compile alone: {first.replace(str(ROOT) + '/', '')}"


def main():
    rules = Rules()
    problems = [*check_layers(rules), *check_weight(rules), *check_cycles(), *check_alone()]
    report("layers", problems)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
