// examples/phrasebook/subprocess.cpp: running programs and talking to them.
#include <torus/process/process.hpp>
#include <torus/torus.hpp>

using torus::async, torus::print;

async<> amain() {
    // [communicate]
    auto ls = co_await torus::create_subprocess_exec("ls", "-d", "/", "/usr",
                                                     torus::process_options{.out = torus::pipe, .err = torus::pipe});
    auto [out, err] = co_await ls.communicate();
    print("exit ", *ls.returncode(), "\n", out);
    // [/communicate]

    // [lines]
    auto count = co_await torus::create_subprocess_shell("for i in 1 2 3; do echo $i; done", {.out = torus::pipe});
    while (auto line = co_await count.stdout_().next()) print("> ", *line);  // `stdout` is a macro in C
    co_await count.wait();
    // [/lines]
}

int main() { torus::run(amain()); }
