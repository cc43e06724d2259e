// tests/whole/leaves_nothing.cpp: a program that uses everything, and looks at what it leaves behind.
//
// That is no task, no operation in the kernel, no descriptor, no thread. That it is no memory either is for valgrind and
// ASan to see. An argument names the part to leave out.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <torus/core/core.hpp>

#include "open_descriptors.hpp"
#include "whole/parts.hpp"

namespace {

using torus::open_descriptors;

/// Those that the kernel keeps for io_uring's slow operations are not counted: they go when it likes.
std::ptrdiff_t threads() {
    const std::filesystem::directory_iterator all("/proc/self/task");
    return std::count_if(begin(all), end(all), [](const std::filesystem::directory_entry& thread) {
        std::string name;
        std::getline(std::ifstream(thread.path() / "comm"), name);
        const bool has_gone = name.empty();
        return !has_gone && !name.starts_with("iou-");
    });
}

/// A thread that has done its work may need a moment to end.
void require_no_threads_but(std::ptrdiff_t before) {
    for (int moments = 0; moments < 1000 && threads() > before; ++moments)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (threads() > before) throw std::logic_error(std::to_string(threads() - before) + " threads are left");
}

/// What is cancelled or closed may need some passes of the loop, and the kernel, to be gone.
torus::async<> require_nothing_left(std::string_view part) {
    torus::backend& world = torus::get_running_loop().world();
    for (int passes = 0; passes < 1000 && (torus::all_tasks().size() > 1 || world.in_flight() > 0); ++passes)
        co_await torus::sleep(std::chrono::milliseconds(1));
    if (torus::all_tasks().size() == 1 && world.in_flight() == 0) co_return;
    throw std::logic_error(std::string(part) + " left " + std::to_string(torus::all_tasks().size() - 1) +
                           " tasks and " + std::to_string(world.in_flight()) + " operations");
}

torus::async<> use_everything_but(std::string_view left_out) {
    struct part {
        std::string_view name;
        torus::async<> (*use)();
    };
    static constexpr part parts[] = {
        {"tasks", use_tasks},     {"times", use_times}, {"callbacks", use_callbacks}, {"generators", use_generators},
        {"threads", use_threads}, {"sync", use_sync},   {"files", use_files},         {"processes", use_processes},
        {"sockets", use_sockets}, {"tls", use_tls},     {"http", use_http},           {"sqlite", use_sqlite},
    };
    for (const part& p : parts) {
        if (p.name == left_out) continue;
        co_await p.use();
        co_await require_nothing_left(p.name);
    }
}

}  // namespace

void require(bool holds, std::source_location where) {
    if (!holds) throw std::logic_error(std::string(where.file_name()) + ":" + std::to_string(where.line()));
}

int main(int count, char** arguments) {
    const std::string_view left_out = count > 1 ? arguments[1] : "";
    std::thread([] {}).join();  // with the first one comes a thread of TSan's own
    const std::ptrdiff_t before = threads();
    try {
        torus::run(use_everything_but(left_out));  // what a process opens once, it keeps
        const std::ptrdiff_t descriptors = open_descriptors();
        torus::run(use_everything_but(left_out));
        if (open_descriptors() != descriptors) throw std::logic_error("descriptors are left");
        require_no_threads_but(before);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "leaves_nothing: %s\n", e.what());
        return 1;
    }
}
