// src/process/spawn.cpp: posix_spawn(3), and what has to be done around it.
#include "process/spawn.hpp"

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "process/pidfd.hpp"
#include "process/program.hpp"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

constexpr int first_other = STDERR_FILENO + 1;  // what the child does not get begins here

/// Thrown and caught here: an errno, and what was being done.
class spawn_failure {
public:
    spawn_failure(int why, std::string what) : error(why), attempt(std::move(what)) {}
    int error;
    std::string attempt;
};

int checked(int error, const char* what) {
    if (error != 0) throw spawn_failure(error, what);
    return 0;
}

/// What the child does with its descriptors before it runs the program, in this order.
class file_actions {
public:
    file_actions() { checked(::posix_spawn_file_actions_init(&actions_), "posix_spawn_file_actions_init"); }
    file_actions(const file_actions&) = delete;
    file_actions& operator=(const file_actions&) = delete;
    ~file_actions() { ::posix_spawn_file_actions_destroy(&actions_); }

    void duplicate(int from, int to) {
        checked(::posix_spawn_file_actions_adddup2(&actions_, from, to), "posix_spawn_file_actions_adddup2");
    }
    void open_null(int to) {
        const int access = to == STDIN_FILENO ? O_RDONLY : O_WRONLY;
        checked(::posix_spawn_file_actions_addopen(&actions_, to, "/dev/null", access, 0),
                "posix_spawn_file_actions_addopen");
    }
    void enter(const std::string& folder) {
        checked(::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str()),
                "posix_spawn_file_actions_addchdir_np");
    }
    void close_others() {
        checked(::posix_spawn_file_actions_addclosefrom_np(&actions_, first_other),
                "posix_spawn_file_actions_addclosefrom_np");
    }
    const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

private:
    posix_spawn_file_actions_t actions_;
};

class attributes {
public:
    explicit attributes(const spawn_request& of) {
        checked(::posix_spawnattr_init(&attributes_), "posix_spawnattr_init");
        int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        ::posix_spawnattr_setsigmask(&attributes_, &of.mask);
        sigset_t restored;  // programs expect to die of it; whoever ignores it here means itself
        sigemptyset(&restored);
        sigaddset(&restored, SIGPIPE);
        ::posix_spawnattr_setsigdefault(&attributes_, &restored);
        if (of.options.start_new_session) flags |= POSIX_SPAWN_SETSID;
        if (of.options.process_group != inherit_group) {
            flags |= POSIX_SPAWN_SETPGROUP;
            ::posix_spawnattr_setpgroup(&attributes_, of.options.process_group);
        }
        ::posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
    }
    attributes(const attributes&) = delete;
    attributes& operator=(const attributes&) = delete;
    ~attributes() { ::posix_spawnattr_destroy(&attributes_); }

    const posix_spawnattr_t* get() const noexcept { return &attributes_; }

private:
    posix_spawnattr_t attributes_;
};

/// Above the standard numbers, which the child's own are put on: this process may have closed some of them.
descriptor out_of_the_way(descriptor d) {
    if (d.number() >= first_other) return d;
    descriptor moved(::fcntl(d.number(), F_DUPFD_CLOEXEC, first_other));
    if (!moved) throw spawn_failure(errno, "fcntl");
    return moved;
}

/// Makes the pipe for one of the child's streams. Gives the child's end; ours goes into `kept`.
descriptor make_pipe(int stream, descriptor& kept) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0) throw spawn_failure(errno, "pipe2");
    descriptor read_end(ends[0]);
    descriptor write_end(ends[1]);
    const bool is_input = stream == STDIN_FILENO;
    kept = out_of_the_way(std::move(is_input ? write_end : read_end));
    // Ours only: the two ends are two open files, and programs expect theirs to block.
    if (::fcntl(kept.number(), F_SETFL, O_NONBLOCK) < 0) throw spawn_failure(errno, "fcntl");
    return out_of_the_way(std::move(is_input ? read_end : write_end));
}

/// The child's descriptors, and what keeps their sources open until it has them.
class standard_streams {
public:
    standard_streams(const spawn_request& of, std::array<descriptor, 3>& pipes) {
        for (int number = 0; number < first_other; ++number) set(number, of, pipes[static_cast<std::size_t>(number)]);
        if (!of.cwd.empty()) actions_.enter(of.cwd);
        actions_.close_others();
    }
    const posix_spawn_file_actions_t* actions() const noexcept { return actions_.get(); }

private:
    void set(int number, const spawn_request& of, descriptor& pipe_kept) {
        descriptor& theirs = theirs_[static_cast<std::size_t>(number)];
        switch (of.stream(number).what()) {
        case process_stream::kind::inherited: {
            const int flags = ::fcntl(number, F_GETFD);
            if (flags >= 0 && (flags & FD_CLOEXEC)) actions_.duplicate(number, number);  // which clears that
            break;
        }
        case process_stream::kind::piped:
            theirs = make_pipe(number, pipe_kept);
            actions_.duplicate(theirs.number(), number);
            break;
        case process_stream::kind::null: actions_.open_null(number); break;
        case process_stream::kind::with_stdout: actions_.duplicate(STDOUT_FILENO, number); break;
        case process_stream::kind::given:
            actions_.duplicate(of.files[static_cast<std::size_t>(number)].number(), number);
            break;
        }
    }

    file_actions actions_;
    std::array<descriptor, 3> theirs_;
};

std::vector<char*> pointers_to(std::span<const std::string> words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (const std::string& each : words) pointers.push_back(const_cast<char*>(each.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

/// With a umask of its own: a thread gets one, which the child inherits. The other threads keep theirs, and the thread
/// ends, since it can never share one with them again.
template <class Spawn> int with_umask(int mask, Spawn spawn) {
    if (mask == inherit_umask) return spawn();
    int error = 0;
    std::thread([&] {
        if (::unshare(CLONE_FS) < 0) {
            error = errno;
            return;
        }
        ::umask(static_cast<mode_t>(mask));
        error = spawn();
    }).join();
    return error;
}

bool is_folder(const std::string& path) noexcept {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

pid_t spawn(const spawn_request& request, std::array<descriptor, 3>& pipes) {
    const std::string attempt = "running " + request.words.front();
    if (!request.cwd.empty() && !is_folder(request.cwd)) {
        struct stat status{};
        const int error = ::stat(request.cwd.c_str(), &status) < 0 ? errno : S_ISDIR(status.st_mode) ? EACCES : ENOTDIR;
        throw spawn_failure(error, "entering the working directory " + request.cwd);
    }
    const found_program program = find_program(request);
    if (program.error != 0) throw spawn_failure(program.error, attempt);
    const standard_streams streams(request, pipes);
    const attributes how(request);
    const std::vector<char*> words = pointers_to(request.words);
    const std::vector<char*> variables = pointers_to(request.options.env->entries());
    pid_t pid = 0;
    const int error = with_umask(request.options.umask, [&] {
        return ::posix_spawn(&pid, program.path.c_str(), streams.actions(), how.get(), words.data(), variables.data());
    });
    if (error != 0) throw spawn_failure(error, attempt);
    return pid;
}

/// Nobody else waits for it: its number stays its own until its status is fetched.
std::shared_ptr<child> adopt(pid_t pid, bool leads_group) {
    try {
        descriptor handle(pidfd::open(pid));
        if (!handle) throw spawn_failure(errno, "pidfd_open");
        return std::make_shared<child>(pid, std::move(handle), leads_group);
    } catch (...) {
        ::kill(pid, SIGKILL);
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {}
        throw;
    }
}

}  // namespace

void spawn_request::check() const {
    if (words.empty()) throw std::invalid_argument("torus: a process without a program");
    for (const std::string& each : words)
        if (each.find('\0') != each.npos) throw std::invalid_argument("torus: a zero byte in an argument of a process");
    if (cwd.find('\0') != cwd.npos) throw std::invalid_argument("torus: a zero byte in a working directory");
    using kind = process_stream::kind;
    if (options.in.what() == kind::with_stdout || options.out.what() == kind::with_stdout)
        throw std::invalid_argument("torus: only a process's error stream can go where its output goes");
    if (options.start_new_session && options.process_group != inherit_group)
        throw std::invalid_argument("torus: a process with a session of its own has a group of its own");
    if (options.process_group < inherit_group) throw std::invalid_argument("torus: not a process group");
    constexpr int all_permissions = 0777;
    if (options.umask < inherit_umask || options.umask > all_permissions)
        throw std::invalid_argument("torus: not a umask");
}

const process_stream& spawn_request::stream(int number) const noexcept {
    return number == STDIN_FILENO ? options.in : number == STDOUT_FILENO ? options.out : options.err;
}

void spawn_request::prepare() {
    for (int number = 0; number < first_other; ++number) {
        if (stream(number).what() != process_stream::kind::given) continue;
        descriptor copy(::fcntl(stream(number).number(), F_DUPFD_CLOEXEC, first_other));
        if (!copy)
            throw std::system_error(errno, std::system_category(),
                                    "torus: descriptor " + std::to_string(stream(number).number()) + " for a process");
        files[static_cast<std::size_t>(number)] = std::move(copy);
    }
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
}

spawn_result start_program(const std::shared_ptr<spawn_request>& request) {
    spawn_result result;
    try {
        const pid_t pid = spawn(*request, result.pipes);
        result.owner = child_owner(adopt(pid, request->leads_group()));
    } catch (spawn_failure& failure) {
        result.error = failure.error;
        result.attempt = std::move(failure.attempt);
    }
    return result;
}

}  // namespace torus::inline v0
