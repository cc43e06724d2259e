#!/usr/bin/env python3
# tools/lint/from_asyncio_test.py: what from_asyncio.py misses in a document, and which names it knows of ours.
import unittest

from declared import Scope, declares, read
from from_asyncio import check

HEADER = """
namespace torus::inline v0 {
enum class kind { stream, datagram };
enum when { first, last };
using enum kind;
struct options {
    int limit = 3;
    bool (*asks)(int limit_asked) = {};
};
class base {
public:
    void cancel(reason why = {}) noexcept { stop(why); }
protected:
    void hidden();
};
template <class T = void> class [[nodiscard("co_await it")]] task final : public base, private owner {
    int secret;
public:
    T result() const;
    class awaiter;
    friend void stranger();
private:
    void begin();
};
template <class... Rest> requires(sizeof...(Rest) > 0) auto gather(Rest&&... rest);
inline constexpr options plain{.limit = 4};
}  // namespace torus
namespace torus::inline v0::http {
class client { public: explicit client(int n = {}); void get(); };
}
"""


def torus():
    everything = Scope()
    read(HEADER, everything)
    return everything.scopes["torus"]


class Declared(unittest.TestCase):
    torus = torus()

    def test_what_is_declared_is_found_where_it_is(self):
        for name in ("task", "task::result", "gather", "options::limit", "plain", "kind::stream", "stream", "first", "http",
                     "http::client", "http::client::get", "task::awaiter"):
            self.assertTrue(declares(self.torus, name), name)

    def test_what_is_inherited_is_found(self):
        self.assertTrue(declares(self.torus, "task::cancel"))

    def test_what_is_private_or_a_parameter_is_not(self):
        for name in ("task::secret", "task::begin", "task::hidden", "base::hidden", "rest", "why", "limit_asked", "reason"):
            self.assertFalse(declares(self.torus, name), name)

    def test_what_is_elsewhere_is_not(self):
        for name in ("result", "client", "gather::result", "http::task", "options::cancel"):
            self.assertFalse(declares(self.torus, name), name)


class Document(unittest.TestCase):
    def problems(self, *rows, names=("run", "Task.cancel"), before=""):
        text = before + "\n".join(["| asyncio | torus |", "|---|---|", *rows])
        return [problem for _, problem in check(text, list(names), torus(), {"TORUS_TEST"})]

    def test_a_complete_one_is_fine(self):
        self.assertEqual(self.problems("| `run(main, debug=)` | `gather(a, …)`, or else `TORUS_TEST` |",
                                       "| `Task.cancel` | `task::cancel(reason)`: `std::exception` |"), [])
        self.assertEqual(self.problems("| `run`, `Task.stop` | – not there: `gather` |", names=("run", "Task.stop")), [])

    def test_a_name_of_pythons_that_is_missing_is_found(self):
        self.assertEqual(self.problems("| `run` | `gather` |"), ["Task.cancel is missing"])

    def test_a_name_of_pythons_that_is_elsewhere_on_the_page_does_not_count(self):
        self.assertEqual(self.problems("| `run` | `gather` |", before="`Task.cancel`\n\n| Python | torus |\n|---|---|\n"
                                       "| `Task.cancel` | `task::cancel` |\n\n"), ["Task.cancel is missing"])

    def test_a_name_that_python_does_not_have_is_found(self):
        self.assertEqual(self.problems("| `run`, `Task.cancel`, `Task.stop` | `gather` |"),
                         ["asyncio has no Task.stop, says asyncio-names.txt"])

    def test_a_name_that_comes_twice_is_found(self):
        self.assertEqual(self.problems("| `run`, `Task.cancel` | `gather` |", "| `run` | `gather` |"),
                         ["run is in line 3 already"])

    def test_a_name_of_ours_that_does_not_exist_is_found(self):
        self.assertEqual(self.problems("| `run`, `Task.cancel` | `task::stop(now)`, `TORUS_RUN` |"),
                         ["torus has no task::stop", "torus has no TORUS_RUN"])

    def test_a_name_that_torus_has_by_now_is_found(self):
        self.assertEqual(self.problems("| `run` | `gather` |", "| `Task.cancel` | – not yet |"),
                         ["torus has task::cancel"])

    def test_a_row_that_says_nothing_is_found(self):
        for nothing in ("", "–", "–  ", "no"):
            self.assertEqual(len(self.problems(f"| `run` | {nothing} |", names=("run",))), 1, nothing)

    def test_what_is_no_python_is_found(self):
        rows = ("| `run`, `Task.cancel` | `gather` |",)
        self.assertEqual(self.problems(*rows, before="```python\nasync with x: await y\n```\n\n"), [])
        self.assertEqual(len(self.problems(*rows, before="```python\nawait y z\n```\n\n")), 1)


if __name__ == "__main__":
    unittest.main()
