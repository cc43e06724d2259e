# tools/lint/declared.py: which names the public headers declare, and where.
import re

from project import blank, sources

_WORDS = {
    "alignas", "alignof", "auto", "bool", "char", "class", "concept", "const", "consteval", "constexpr", "decltype",
    "default", "delete", "double", "enum", "explicit", "extern", "false", "final", "float", "friend", "inline", "int",
    "long", "mutable", "namespace", "noexcept", "nullptr", "operator", "override", "private", "protected", "public",
    "requires", "return", "short", "signed", "sizeof", "static", "static_assert", "struct", "template", "this", "true",
    "typedef", "typename", "union", "unsigned", "using", "virtual", "void", "volatile"}

# The head of what opens a scope of names, from the end of the statement before it.
_NAMESPACE = re.compile(r"\bnamespace\s+([\w:\s]+)$")
_CLASS = re.compile(r"\b(?P<kind>class|struct|union|enum(?:\s+class)?)\s+(?P<name>\w+(?:::\w+)*)\s*(?:<[^{}]*>)?\s*(?:final\b)?"
                    r"\s*(?::(?!:)\s*(?P<bases>[^{}]*))?$", re.S)
_ATTRIBUTE = re.compile(r"\[\[.*?\]\]", re.S)
_DECLARED = re.compile(r"(?<![\w:])(?<!::)([A-Za-z_]\w*)\s*(?=[(;={,\[])")
_TYPE = re.compile(r"\b(?:class|struct|union|enum|concept)\s+(\w+)")


class Scope:
    """A namespace, class or enumeration: the names in it, the scopes in it, and the bases that it inherits from."""

    def __init__(self):
        self.names, self.scopes, self.bases = set(), {}, []

    def inner(self, name):
        self.names.add(name)
        return self.scopes.setdefault(name, Scope())


def _close(text, opening):
    """The position after the brace that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return i + 1
    return len(text)


def _without_parameters(text):
    """The text with every pair of parentheses empty."""
    kept, depth = [], 0
    for c in text:
        depth -= c == ")"
        if depth == 0:
            kept.append(c)
        depth += c == "("
    return "".join(kept)


def _visible(body, is_class):
    """What of a class's body others may use: not what is private."""
    depth, shown, kept = 0, not is_class, []
    for piece in re.split(r"([{}]|\b(?:public|protected|private)\s*:(?!:))", body):
        depth += {"{": 1, "}": -1}.get(piece, 0)
        if depth == 0 and (label := re.match(r"(public|protected|private)\s*:", piece)):
            shown = label.group(1) == "public"
            continue
        if shown:
            kept.append(piece)
    return "".join(kept)


def _flat(text):
    """The text without attributes and template argument lists."""
    text = _ATTRIBUTE.sub(" ", text)
    while (shorter := re.sub(r"<[^<>;{}()]*>", " ", text)) != text:
        text = shorter
    return text


def _read(text, scope):
    """Notes the declarations of one level of blanked text, and goes down into namespaces, classes and enumerations."""
    level, begin, i = [], 0, 0
    while (opening := text.find("{", i)) >= 0:
        head = text[max(text.rfind(c, begin, opening) for c in ";}") + 1 or begin:opening]
        end = _close(text, opening)
        body = text[opening + 1:end - 1]
        level.append(text[begin:opening])
        plain = _flat(head)
        if found := _NAMESPACE.search(plain):
            inner = scope
            for name in re.sub(r"\binline\s+\w+", "", found.group(1)).replace(" ", "").split("::"):
                inner = inner.inner(name) if name else inner
            _read(body, inner)
        elif found := _CLASS.search(plain):
            _read_class(found, body, scope)
        level.append("{;")
        begin = i = end
    level.append(text[begin:])
    plain = _flat("".join(level))
    scope.names |= set(_DECLARED.findall(plain)) | set(_TYPE.findall(plain))
    scope.names |= set(re.findall(r"\busing\s+[\w:]*::(\w+)\s*;", plain))
    for enumeration in re.findall(r"\busing\s+enum\s+(\w+)", plain):
        scope.names |= scope.scopes.get(enumeration, Scope()).names
    scope.names -= _WORDS


def _read_class(found, body, scope):
    inner = scope
    for name in found["name"].split("::"):
        inner = inner.inner(name)
    if found["kind"].startswith("enum"):
        inner.names |= {re.match(r"\s*(\w*)", item).group(1) for item in _flat(body).split(",")} - {""}
        if found["kind"] == "enum":
            scope.names |= inner.names
        return
    for base in (found["bases"] or "").split(","):
        if not re.search(r"\b(private|protected)\b", base) and (name := re.search(r"(\w+)\s*$", base)):
            inner.bases.append(name.group(1))
    _read(_visible(body, found["kind"] == "class"), inner)


def read(text, scope):
    """Notes what a header declares."""
    _read(_without_parameters(blank(text)), scope)


def public_names():
    """The scope of everything that the public headers declare."""
    everything = Scope()
    for path in sources("include"):
        read(path.read_text(), everything)
    return everything


def declares(scope, name, outer=None):
    """Whether `a::b::c` can be found in a scope, or in what its last scope inherits."""
    outer = outer or scope
    first, _, rest = name.partition("::")
    if not rest:
        return first in scope.names or any(declares(outer.scopes[base], name, outer)
                                           for base in scope.bases if base in outer.scopes)
    if first in scope.scopes:
        return declares(scope.scopes[first], rest, outer)
    return any(declares(outer.scopes[base], name, outer) for base in scope.bases if base in outer.scopes)
