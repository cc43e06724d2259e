// src/core/native_stack.cpp: asking the kernel where a thread is, and the thread itself.
#include "core/native_stack.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <thread>

#include "core/signal_actions.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

// Its default action is to do nothing: one that comes too late does no harm. Debuggers let it pass.
constexpr int asking = SIGURG;

constexpr int deepest = 32;  // functions: the innermost tell enough
constexpr int of_the_signal = 2;  // the handler, and the kernel's way back from it
constexpr int patience = 100;  // ms until a thread that blocks the signal is given up

enum class answer : int { none, asked, writing, written };
std::atomic<answer> state{answer::none};
std::array<void*, deepest + of_the_signal> frames;
std::atomic<int> depth{0};
static_assert(std::atomic<answer>::is_always_lock_free, "a signal handler uses it");

extern "C" void note_stack(int) {
    const int interrupted_errno = errno;
    answer expected = answer::asked;
    if (state.compare_exchange_strong(expected, answer::writing)) {
        depth.store(::backtrace(frames.data(), static_cast<int>(frames.size())));
        state.store(answer::written);
    }
    errno = interrupted_errno;
}

struct sigaction action_of(void (*handler)(int)) noexcept {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    return action;
}

/// Whether `frames` has been written. Where the thread has begun to write, and does not end, nobody is asked any more.
bool ask(int thread) noexcept {
    ::syscall(SYS_tgkill, ::getpid(), thread, asking);
    for (int waited = 0; waited < patience && state.load() != answer::written; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    answer unheard = answer::asked;
    state.compare_exchange_strong(unheard, answer::none);
    return unheard == answer::written;
}

std::string demangled(const char* name) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
    return status == 0 ? text.get() : name;
}

/// "torus::event_loop::run_some(…) in /usr/bin/app+0x1234": what `addr2line -e /usr/bin/app 0x1234` makes a line of.
std::string describe_address(const void* address) {
    Dl_info found{};
    if (::dladdr(address, &found) == 0 || !found.dli_fname) return "?";
    char offset[24];
    const auto from_base = static_cast<const char*>(address) - static_cast<const char*>(found.dli_fbase);
    std::snprintf(offset, sizeof offset, "+0x%zx", static_cast<std::size_t>(from_base));
    const std::string place = std::string(found.dli_fname) + offset;
    return found.dli_sname ? demangled(found.dli_sname) + " in " + place : place;
}

std::string read_of(int thread, const char* what) {
    const std::string name = "/proc/self/task/" + std::to_string(thread) + '/' + what;
    const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return {};
    char text[512];  // more than either takes
    const ssize_t size = ::read(file, text, sizeof text);
    ::close(file);
    return std::string(text, size > 0 ? static_cast<std::size_t>(size) : 0);
}

}  // namespace

char state_of(int thread) noexcept {
    try {
        const std::string line = read_of(thread, "stat");  // "number (name) S …", where a name may have parentheses
        const std::size_t end_of_name = line.rfind(')');
        return end_of_name != line.npos && end_of_name + 2 < line.size() ? line[end_of_name + 2] : '\0';
    } catch (const std::bad_alloc&) {
        return 0;
    }
}

std::string waits_in(int thread) {
    const std::string line = read_of(thread, "syscall");  // "number arguments… stack-pointer instruction", or "running"
    const std::size_t last = line.rfind(' ');
    if (last == line.npos) return {};
    const auto instruction = static_cast<std::uintptr_t>(std::strtoull(line.c_str() + last + 1, nullptr, 16));
    Dl_info found{};
    if (::dladdr(reinterpret_cast<const void*>(instruction), &found) == 0 || !found.dli_sname) return {};
    return demangled(found.dli_sname);
}

std::string native_stack_of(int thread) {
    void* first = nullptr;
    ::backtrace(&first, 1);  // it loads a library when it is called first, which a signal handler must not
    answer idle = answer::none;
    if (!state.compare_exchange_strong(idle, answer::asked)) return {};
    if (!signal_actions::replace_below(asking, SIG_DFL, action_of(note_stack))) {  // the program uses it
        state.store(answer::none);
        return {};
    }
    const bool written = ask(thread);
    signal_actions::replace_below(asking, note_stack, action_of(SIG_DFL));
    if (!written) return {};
    std::string text;
    for (int i = of_the_signal; i < depth.load(); ++i)
        text += "\n    " + describe_address(frames[static_cast<std::size_t>(i)]);
    state.store(answer::none);
    return text;
}

}  // namespace torus::inline v0
