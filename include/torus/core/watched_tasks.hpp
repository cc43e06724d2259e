// torus/core/watched_tasks.hpp: tasks that belong to others, in the order in which they end.
#pragma once

#include <utility>
#include <vector>

#include <torus/core/ending_tasks.hpp>
#include <torus/core/task_watch.hpp>

namespace torus::inline v0 {

/// The part of as_completed(tasks) that does not depend on their type.
class watched_tasks : public ending_tasks {
protected:
    watched_tasks(const std::vector<any_task>& tasks, duration timeout);
    ~watched_tasks() = default;

    time_point deadline_;

private:
    class entry final : public task_watch {
    public:
        entry(watched_tasks& all, any_task watched) noexcept : all_(&all), task_(std::move(watched)) {}
        entry(entry&&) noexcept = default;
        ~entry();
        void begin() noexcept;
        any_task take() noexcept { return std::move(task_); }
        task_record* on_behalf_of() const noexcept override { return all_->waiting_task(); }

    private:
        void notify() noexcept override;
        void ended() noexcept;
        watched_tasks* all_;
        any_task task_;
    };

    any_task take() noexcept override;

    std::vector<entry> entries_;
    wait_list ended_;  // of entries
};

}  // namespace torus::inline v0
