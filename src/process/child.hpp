// src/process/child.hpp: a process that this one has started, until nothing is left of it.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <torus/io/descriptor.hpp>

#include <sys/types.h>

namespace torus::inline v0 {

/// What the kernel keeps of a child for its parent: a descriptor, and the status of its end.
class child {
public:
    child(pid_t pid, descriptor handle, bool leads_group) noexcept
        : pid_(pid), handle_(std::move(handle)), leads_group_(leads_group) {}

    pid_t pid() const noexcept { return pid_; }
    int handle() const noexcept { return handle_.number(); }  // readable when it has ended

    /// Its returncode, fetched from the kernel if it has ended; then nothing is left of it.
    std::optional<int> status() noexcept;

    /// @throws std::system_error  as process::send_signal
    void send(int signal);

    /// Kills it, with all of its group where it leads one.
    void end() noexcept;

private:
    pid_t pid_;
    descriptor handle_;
    bool leads_group_;
    std::optional<int> status_;
};

/// Who is responsible for a child. It kills what runs and sees to it that the status is fetched: by a task in the
/// background, or at once where no loop runs.
class child_owner {
public:
    explicit child_owner(std::shared_ptr<child> owned = {}) noexcept : child_(std::move(owned)) {}
    child_owner(child_owner&& other) noexcept : child_(std::move(other.child_)), is_detached_(other.is_detached_) {}
    child_owner& operator=(child_owner&& other) noexcept {
        child_.swap(other.child_);  // whoever gave it away goes, and ends what was here
        std::swap(is_detached_, other.is_detached_);
        return *this;
    }
    ~child_owner();

    const std::shared_ptr<child>& owned() const noexcept { return child_; }

    /// Leaves it alone from now on. Its status is fetched when it ends, if this loop still runs then.
    void detach() noexcept;

private:
    std::shared_ptr<child> child_;
    bool is_detached_ = false;
};

}  // namespace torus::inline v0
