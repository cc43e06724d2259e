#!/usr/bin/env python3
# tools/lint/closures_test.py: what closures.py finds, and what it leaves alone.
import unittest

from closures import check


class Closures(unittest.TestCase):
    def lines(self, text):
        return list(check(text))

    def test_a_lambda_with_captures_that_is_called_on_the_spot_is_found(self):
        self.assertEqual(self.lines("\nauto t = create_task([x]() -> async<> { co_await f(x); }());"), [2])
        self.assertEqual(self.lines("spawn([&](int n) -> async<> { if (n) { co_return; } } (3), {.name = \"n\"});"), [1])
        self.assertEqual(self.lines("tg.create_task([this] () -> async<> { co_return; }());"), [1])

    def test_one_without_captures_is_fine(self):
        self.assertEqual(self.lines("create_task([](int n) -> async<> { co_return; }(3));"), [])

    def test_one_that_is_given_itself_is_fine(self):
        self.assertEqual(self.lines("create_task([x]() -> async<> { co_return; });"), [])
        self.assertEqual(self.lines("create_task([x](int n) -> async<> { co_return; }, 3);"), [])


if __name__ == "__main__":
    unittest.main()
