#!/usr/bin/env python3
# tools/lint/gcc12_test.py: what tools/lint/gcc12.py finds and what it leaves alone; (a) as g++ 12.2 itself behaves.
import unittest

from gcc12 import blocks, check, owning_aggregates
from project import blank

BAD = {
    "a": [
        "if (co_await later()) co_return 1; co_return 0;",
        "co_await first(); if (co_await later()) co_return 1; co_return 0;",
        "while (co_await later()) {}",
        "for (; co_await later();) {}",
        "switch (co_await later()) { default: co_return 0; }",
        "do {} while (co_await later());",
        "{ if (!co_await later()) co_return 1; }",
        "if (ready) co_return 0; else if (co_await later()) co_return 1;",
        "while (true) { if (co_await later()) co_return 1; }",
        "// int declared = 0;\n if (co_await later()) co_return 1;",
        "use([](int x) { int y = x; return y; }); if (co_await later()) co_return 1;",
    ],
    "b": [
        "co_await to_thread([s = std::move(s)] { use(s); });",
        "auto x = co_await to_thread([=] { return s; });",
        "co_await timeout(10s, [&, name]() -> async<> { co_return; });",
        "co_return co_await f([*this] { return 1; });",
        "auto x = co_await gather(f(1), g([s] { return s; }));",
        "co_await get(request{url, body});",
        "while (auto x = co_await get(request{.url = url})) use(x);",
    ],
    "c": [
        "co_await db.execute(text, {1, name});",
        "auto x = co_await f({\"a\", \"b\"});",
    ],
    "d": [
        "co_await say(name.empty() ? std::string() : name);",
        "co_return co_await say(1, known ? name : \"you\", later());",
        "co_await say(known ? name + suffix : name);",
    ],
}

GOOD = [
    "bool more = co_await later(); if (more) co_return 1; co_return 0;",
    "if (bool b = co_await later()) co_return 1; co_return 0;",
    "while (auto line = co_await conn.readline()) use(*line);",
    "if (co_await later()) { int x = 1; co_return x; }",
    "if (co_await later()) co_return 1; std::string after; co_return 0;",
    "for (int i = 0; co_await later(); ++i) {}",
    "for (auto& x : xs) if (co_await later(x)) co_return 1;",
    "try { if (co_await later()) co_return 1; } catch (const error& e) {}",
    "auto [a, b] = co_await pair(); if (co_await later()) co_return a;",
    "using T = int; if (co_await later()) co_return T{};",
    "co_return co_await later() ? 1 : 0;",
    "co_await timeout(10s, [&]() -> async<> { co_await later(); });",
    "co_await timeout(10s, [&x, this] { return x; });",
    "auto job = [s = std::move(s)] { use(s); }; co_await to_thread(std::move(job));",
    "co_await get(url, {.timeout = 5s, .redirects = 3});",
    "co_await get(url, {});",
    "auto t = create_task([s] { return later(s); }); co_await t;",
    "co_await to_thread([n] { return n; });  // gcc12: only an int",
    "values list{1, 2}; co_await db.execute(text, list);",
    "co_await f(std::string{text});",
    "std::string s = \"if (co_await x) {1, 2}\"; co_return s;",
    "co_await f(matrix[i](2), table[j]);",
    "co_await write(chunked ? all : middle);",
    "co_await wait(late ? 0 : 1, g(x));",
    "const auto name = known ? given() : std::string(); co_await say(name);",
]


class Gcc12(unittest.TestCase):
    aggregates = {"request"}

    def problems(self, body):
        return [p for _, p in check("async<int> f() {\n" + body + "\n}\n", self.aggregates)]

    def test_finds_every_trap(self):
        for trap, bodies in BAD.items():
            for body in bodies:
                with self.subTest(body=body):
                    found = self.problems(body)
                    self.assertTrue(found and found[0].startswith(f"({trap})"), found)

    def test_leaves_the_rest_alone(self):
        for body in GOOD:
            with self.subTest(body=body):
                self.assertEqual(self.problems(body), [])

    def test_a_test_is_a_coroutine_too(self):
        self.assertTrue(check("TORUS_TEST(queue, ends) {\n    if (co_await later()) use();\n}\n", set()))

    def test_a_plain_function_is_none(self):
        self.assertEqual(check("int f() { if (ready()) return 1; return g({1, 2}); }", set()), [])

    def test_names_the_line(self):
        found = check("async<> f() {\n    int x = 0;\n    co_await g(x,\n               {1, x});\n}\n", set())
        self.assertEqual([line for line, _ in found], [4])

    def test_knows_aggregates_that_own(self):
        owning = owning_aggregates(blank(
            "struct a { std::string s; }; struct b { b(int); std::string s; }; struct c { std::string_view s; };"
            "struct d { int n = 0; std::vector<int> v{}; std::string f() const; };"
            "struct e { std::string f() const; };"))
        self.assertEqual(set(owning), {"a", "d"})

    def test_options_own_nothing(self):
        self.assertTrue(check("struct get_options { std::string body; };", set()))
        self.assertEqual(check("struct get_options { std::string_view body; };", set()), [])

    def test_reads_the_blocks_of_a_document(self):
        self.assertEqual(list(blocks("text\n```cpp\nint x;\n```\n```python\nx\n```\n")), [(2, "int x;\n")])


if __name__ == "__main__":
    unittest.main()
