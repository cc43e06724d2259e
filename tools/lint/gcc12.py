#!/usr/bin/env python3
# tools/lint/gcc12.py: finds code that g++ 12.1 and 12.2 miscompile silently, in sources, tests, examples and docs.
#
#   a  a coroutine that declares nothing at all and has co_await in the condition of an if, while, for or switch
#   b  a temporary in a co_await expression that would be destroyed twice: a lambda that captures by value, an
#      aggregate that owns something; and an options struct with a member that owns something
#   c  a braced list without designators in a co_await expression
#   d  a conditional expression that makes a temporary, in a co_await expression: what it owns is freed twice
#
# It reads text, not types. A capture, list or choice that holds only numbers is fine for the compiler: say so on that
# line, `// gcc12: only an int`.
import re
import sys

from project import ROOT, blank, functions, line_at, name_of, report, sources

_CONDITION = re.compile(r"\b(if|while|for|switch)\s*(?:constexpr\s*)?\(")
_CATCH = re.compile(r"\bcatch\s*\(\s*\w")
_FIRST_WORD = re.compile(r"\s*(?:(?:else|do|try|case\b[^:]*:(?!:)|default\s*:)\s*)*")
_NOT_A_TYPE = {"co_await", "co_return", "co_yield", "return", "throw", "delete", "new", "goto", "if", "for", "while",
               "switch", "break", "continue", "not", "using", "sizeof"}
_STARTS_DECLARATION = re.compile(
    r"(?:\[\[[^\]]*\]\]\s*)?(?:const|constexpr|static|thread_local|volatile|struct|class|enum|using|typedef|auto"
    r"|unsigned|signed|typename)\b")
_TYPE_THEN_NAME = re.compile(
    r"(?P<type>(?:::)?[A-Za-z_]\w*(?:::\w+)*)(?:\s*<[^;{}()]*>(?:::\w+)*)?(?:\s+const)?(?:\s*[&*]+\s*|\s+)[A-Za-z_]\w*"
    r"\s*(?:=(?!=)|\[|\(|:(?!:)|,|$)")
_OWNING = re.compile(
    r"\bstd::(?:string|u8string|wstring|vector|deque|list|map|set|multimap|multiset|unordered_\w+|function"
    r"|move_only_function|any|unique_ptr|shared_ptr|weak_ptr|exception_ptr|filesystem::path)\b|\b(?:text|bytes)\s+\w+\s*;")
_STRUCT = re.compile(r"\bstruct\s+(?:\[\[[^\]]*\]\]\s*)?(\w+)\s*(?:final\s*)?\{")
_MAKES_TEMPORARY = re.compile(r"[({\"]|\+")  # a call, a literal, a sum: not just names to choose from
_LAMBDA_HEAD = re.compile(r"(?<![\w\])])\s*\[(?!\[)([^\[\]]*)\]\s*(?=[({<]|mutable|->)")


def matching(text, opening):
    """The position after the bracket that closes the one at `opening`."""
    pairs, depth = {"(": ")", "{": "}", "[": "]"}, 0
    closer = pairs[text[opening]]
    for i in range(opening, len(text)):
        if text[i] == text[opening]:
            depth += 1
        elif text[i] == closer:
            depth -= 1
            if depth == 0:
                return i + 1
    return len(text)


def is_declaration(statement):
    statement = statement[_FIRST_WORD.match(statement).end():]
    if _STARTS_DECLARATION.match(statement):
        return True
    match = _TYPE_THEN_NAME.match(statement)
    return bool(match) and match.group("type") not in _NOT_A_TYPE


def declares(body):
    if _CATCH.search(body) or any(is_declaration(s) for s in re.split(r"[;{}]", body)):
        return True
    return any(is_declaration(body[m.end():]) for m in _CONDITION.finditer(body))


def find_conditions(body):
    """Trap a: where a condition awaits, in a body that declares nothing."""
    if declares(body[1:-1]):
        return
    for match in _CONDITION.finditer(body):
        condition = body[match.end() - 1:matching(body, match.end() - 1)]
        if re.search(r"\bco_await\b", condition):
            yield match.start(), f"(a) co_await in the condition of '{match.group(1)}' of a coroutine that declares " \
                                 "nothing: put the result in a variable first"


def awaiting_expressions(body):
    """(position, text) of every full expression with a co_await, as far as text tells."""
    seen = -1
    for match in re.finditer(r"\bco_await\b", body):
        if match.start() < seen:
            continue
        begin = max(body.rfind(c, 0, match.start()) for c in ";{}") + 1
        depth = 0
        end = match.start()
        while end < len(body):
            if body[end] in "([{":
                depth += 1
            elif body[end] in ")]}":
                depth -= 1
            if depth < 0 or (depth == 0 and body[end] == ";"):
                break
            end += 1
        seen = end
        yield begin, body[begin:end]


def argument_at(text, start):
    """From `start` to the end of the argument it stands in: the comma after it, or the bracket around it."""
    depth = 0
    for end in range(start, len(text)):
        if text[end] in "([{":
            depth += 1
        elif text[end] in ")]}":
            depth -= 1
        if depth < 0 or (depth == 0 and text[end] == ","):
            return text[start:end]
    return text[start:]


def find_choices(body):
    """Trap d: `c ? a : b` awaited or passed on, where a or b is more than a name or a number."""
    for begin, expression in awaiting_expressions(body):
        awaits = expression.index("co_await")
        for match in re.finditer(r"\?", expression):
            if match.start() > awaits and _MAKES_TEMPORARY.search(argument_at(expression, match.end())):
                yield begin + match.start(), "(d) a conditional expression inside a co_await expression: choose first, " \
                                             "in a variable"


def find_temporaries(body, aggregates):
    """Traps b and c."""
    for begin, expression in awaiting_expressions(body):
        bodies = set()
        for match in _LAMBDA_HEAD.finditer(expression):
            opening = expression.find("{", match.end())
            bodies.add(opening)
            captures = [c.strip() for c in match.group(1).split(",") if c.strip()]
            owned = [c for c in captures if not c.startswith("&") and c != "this"]
            if owned:
                yield begin + match.start(1), f"(b) a lambda that captures '{owned[0]}' by value inside a co_await " \
                                              "expression: name it in a variable first and move that"
        for match in re.finditer(r"\{", expression):
            inside = expression[match.end():].lstrip()
            before = expression[:match.start()].rstrip()
            if match.start() in bodies or inside.startswith("}"):
                continue
            name = re.search(r"(\w+)(?:<[^<>]*>)?$", before)
            if name and name.group(1) in aggregates:
                yield begin + match.start(), f"(b) a temporary of the aggregate '{name.group(1)}', which owns something, " \
                                             "inside a co_await expression: name it in a variable first"
            elif before[-1:] in ("(", ",", "{") and not inside.startswith("."):
                yield begin + match.start(), "(c) a braced list inside a co_await expression: name it in a variable first"


def owning_aggregates(text):
    """{name: position} of the structs without constructors that have a member which owns something."""
    found = {}
    for match in _STRUCT.finditer(text):
        body = text[match.end() - 1:matching(text, match.end() - 1)]
        inner = re.sub(r"\{[^{}]*\}", "{}", body[1:-1])
        members = [s for s in inner.split(";") if "(" not in s]
        if not re.search(rf"(?<![~\w]){match.group(1)}\s*\(", inner) and any(_OWNING.search(m + ";") for m in members):
            found[match.group(1)] = match.start()
    return found


def check(text, aggregates):
    """(line, problem) for everything found in one file or code block."""
    blanked = blank(text)
    lines = text.splitlines()
    problems = []
    for name, position in owning_aggregates(blanked).items():
        if name.endswith("options"):
            problems.append((position, f"(b) '{name}' has a member that owns something: option structs are written as "
                                       "temporaries in co_await expressions; take a string_view, a span or a pointer"))
    for function in functions(blanked):
        body = function.own(blanked)
        if re.search(r"\bco_(await|return|yield)\b", body):
            found = [*find_conditions(body), *find_choices(body),
                     *find_temporaries(body, aggregates)]
            problems += [(function.start + position, problem) for position, problem in found]
    numbered = sorted({(line_at(text, position), problem) for position, problem in problems})
    return [(line, problem) for line, problem in numbered if "// gcc12:" not in lines[line - 1]]


def blocks(markdown):
    """(line before the code, code) of each C++ block of a document."""
    for match in re.finditer(r"^```(?:cpp|c\+\+)[^\n]*\n(.*?)^```", markdown, re.S | re.M):
        yield line_at(markdown, match.start()), match.group(1)


def main():
    aggregates = set()
    for path in sources():
        aggregates |= owning_aggregates(blank(path.read_text())).keys()
    problems = []
    for path in sources():
        problems += [f"{name_of(path)}:{line}: {problem}" for line, problem in check(path.read_text(), aggregates)]
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]):
        for offset, code in blocks(path.read_text()):
            # A block of statements without a function around them is read as the body of one.
            around = "" if functions(blank(code)) else "void block() {"
            found = check(around + code + ("}" if around else ""), aggregates)
            problems += [f"{name_of(path)}:{offset + line}: {problem}" for line, problem in found]
    report("gcc12", problems)


if __name__ == "__main__":
    sys.exit(main())
