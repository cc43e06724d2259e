// examples/hello.cpp: the shortest breakfast, as README.md shows it.
// [hello]
#include <string>

#include <torus/torus.hpp>

using namespace std::literals;

torus::async<std::string> brew_coffee() {
    co_await torus::sleep(3s);
    co_return "coffee";
}

torus::async<std::string> toast_bagel() {
    co_await torus::sleep(2s);
    co_return "bagel";
}

torus::async<> breakfast() {
    auto [coffee, bagel] = co_await torus::gather(brew_coffee(), toast_bagel());
    torus::print(coffee, " and ", bagel);
}

int main() { torus::run(breakfast()); }
// [/hello]
