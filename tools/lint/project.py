# tools/lint/project.py: what every check needs: the files, their text without comments, their functions and includes.
import hashlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from os import cpu_count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("include", "src", "cli", "tests", "examples", "bench", "fuzz", "cmake")
CACHE = ROOT / "build" / "lint"


def sources(*folders, suffixes=(".hpp", ".cpp")):
    """The C++ files of the given folders (all of the project's by default), in order."""
    found = []
    for folder in folders or FOLDERS:
        found += [p for p in (ROOT / folder).rglob("*") if p.suffix in suffixes and p.is_file()]
    return sorted(found)


def name_of(path):
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def report(check, problems):
    """Prints what was found and ends the program, with 1 if there was anything."""
    for problem in problems:
        print(problem)
    print(f"{check}: {len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}")
    sys.exit(1 if problems else 0)


def entries(path):
    """The lines of a data file, without comments and empty ones."""
    lines = (line.split("#", 1)[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


# ---- text ----------------------------------------------------------------------------------------------------------

_OPAQUE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^()\s\\]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\''
    r"|^[ \t]*#(?:[^\n\\]|\\.|\\\n)*",
    re.S | re.M)


def blank(text):
    """The text with comments, literals' contents and preprocessor lines as spaces; every position stays what it was."""
    def hide(match):
        found = match.group()
        if found[0] in "\"'" or found.startswith("R\""):
            return found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]
        return re.sub(r"[^\n]", " ", found)
    return _OPAQUE.sub(hide, text)


def line_at(text, position):
    return text.count("\n", 0, position) + 1


@dataclass
class Function:
    """A function, lambda or test: its body from brace to brace, in the blanked text it was found in."""
    name: str
    start: int
    end: int
    is_lambda: bool = False
    inner: list = field(default_factory=list)

    def own(self, text):
        """The body without the bodies of the functions inside it."""
        body = list(text[self.start:self.end])
        for child in self.inner:
            for i in range(child.start + 1 - self.start, child.end - 1 - self.start):
                if body[i] != "\n":
                    body[i] = " "
        return "".join(body)


_CONTROL = {"if", "for", "while", "switch", "catch", "constexpr"}
_LAMBDA = re.compile(
    r"\[(?P<captures>[^\[\]]*)\]\s*(<[^<>{}]*>)?\s*(?P<parameters>\((?:[^()]|\([^()]*\))*\))?"
    r"\s*(mutable|noexcept|constexpr|\s)*(->\s*[\w:<>,&*\s]+)?(requires[^{}]*)?\s*$")
_SCOPE = re.compile(r"^\s*(template\s*<.*>\s*)?(\[\[[^\]]*\]\]\s*)?(inline\s+|export\s+|typedef\s+|static\s+|const\s+)*"
                    r"(namespace|class|struct|union|enum|extern)\b[^()=]*(\([^()]*\)[^()=]*)*$", re.S)
_AFTER_PARAMETERS = re.compile(
    r"\)\s*(const|volatile|noexcept\s*(\([^{}]*\))?|override|final|&&?|mutable|try|->[^;{}]*|requires[^;{}]*"
    r"|\[\[[^\]]*\]\]|:(?!:)[^;]*|\s)*$", re.S)


def functions(text):
    """Every function in blanked text, outer ones first."""
    found, stack = [], []
    pairs, parens = {}, []
    for i, c in enumerate(text):
        if c == "(":
            parens.append(i)
        elif c == ")" and parens:
            pairs[i] = parens.pop()
        elif c == "{":
            stack.append((i, *_kind(text, i, stack, pairs)))
        elif c == "}" and stack:
            start, kind, name = stack.pop()
            if kind in ("function", "lambda"):
                found.append(Function(name, start, i + 1, kind == "lambda"))
    found.sort(key=lambda f: f.start)
    for f in found:
        f.inner = [g for g in found if f.start < g.start and g.end < f.end]
    return found


def _kind(text, brace, stack, pairs):
    """What the brace at a position opens, and its name: scope, function, lambda, block or list."""
    begin = max(text.rfind(";", 0, brace), stack[-1][0] if stack else -1) + 1
    lambda_head = text[max(begin, brace - 800):brace]
    if _LAMBDA.search(lambda_head) and not re.search(r"\boperator\s*\[\]|\w\s*\[[^\[\]]*\]\s*$", lambda_head):
        return "lambda", "lambda"
    head = _since_last_block(text, begin, brace)
    if _SCOPE.match(head):
        return "scope", ""
    in_scope = not stack or stack[-1][1] == "scope"
    stripped = head.rstrip()
    if not in_scope:
        closing = brace - 1 - (len(head) - len(stripped))
        opens_block = not stripped or stripped[-1] in "){:" or re.search(r"\b(else|do|try)$", stripped)
        return ("block" if opens_block or closing in pairs else "list"), ""
    if "(" in head and _AFTER_PARAMETERS.search(head):
        candidates = re.findall(r"(operator\s*(?:\(\)|\[\]|[^\w\s(]+|\w+)|~?[A-Za-z_][\w:]*)\s*(?:<[^<>]*>)?\s*\(", head)
        name = next((c for c in candidates if c not in ("requires", "noexcept", "decltype", "explicit")), "?")
        if re.search(r"\)\s*(noexcept\s*)?:(?!:)[^{]*\w$", stripped) and not stripped.endswith(")"):
            return "list", ""  # a member of an initializer list: `: member_{`
        if name.isupper():  # TORUS_TEST(suite, name)
            arguments = re.search(r"\(([^()]*)\)", head)
            name = ".".join(a.strip() for a in arguments.group(1).split(",")) if arguments else name
        return "function", name
    return "list", ""


def _since_last_block(text, begin, brace):
    """The head of a definition; a closed block before it ends it, a closed list (`a{b}, c(d) {`) does not."""
    depth, i = 0, brace - 1
    while i >= begin:
        if text[i] == "}":
            depth += 1
            before = text[i + 1:brace].lstrip()
            if depth == 1 and not before.startswith((",", "{", ")", ".", ";")) and before:
                return text[i + 1:brace]
            if depth == 1 and not before and not re.search(r"\)\s*(noexcept\s*)?:(?!:)[^;]*$", text[begin:i], re.S):
                return text[i + 1:brace]
        elif text[i] == "{":
            depth -= 1
        i -= 1
    return text[begin:brace]


# ---- includes ------------------------------------------------------------------------------------------------------

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def includes(path):
    """(line number, spelled as, the project's file it is or None), in order."""
    text = path.read_text()
    return [(line_at(text, m.start()), m.group(2), _resolve(path, m.group(2))) for m in _INCLUDE.finditer(text)]


def _resolve(path, spelled):
    for base in (ROOT / "include", ROOT / "src", ROOT / "tests", path.parent):
        if (base / spelled).is_file():
            return (base / spelled).resolve()
    return None


def closure(path):
    """The project's files that including this one brings along, itself among them."""
    seen, todo = set(), [path]
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            todo += [target for _, _, target in includes(current) if target]
    return seen


# ---- tools ---------------------------------------------------------------------------------------------------------

def run_cached(tool, jobs):
    """Runs {path: command} two at a time or as many as there are cores; returns {path: output} of those that failed.

    A file whose text, includes and command were clean before is not looked at again.
    """
    CACHE.mkdir(parents=True, exist_ok=True)

    def one(item):
        path, command, extra = item
        digest = hashlib.sha256(f"{tool}\0{command}\0{extra}".encode())
        for file in sorted(closure(path)):
            digest.update(file.read_bytes())
        stamp = CACHE / f"{tool}-{digest.hexdigest()[:32]}"
        if stamp.exists():
            stamp.touch()
            return path, None
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        if done.returncode == 0:
            stamp.touch()
            return path, None
        return path, done.stdout + (done.stderr if not done.stdout.strip() else "")

    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        return {path: output for path, output in pool.map(one, jobs) if output is not None}
