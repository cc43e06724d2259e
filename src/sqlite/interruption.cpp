// src/sqlite/interruption.cpp: the handlers that SQLite calls while it works and while it waits.
#include "sqlite/interruption.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <sqlite3.h>

namespace torus::inline v0::sqlite {

namespace {

using namespace std::chrono_literals;

// Instructions of SQLite's machine between two looks at the flag, which cost nothing that could be measured, and about how long
// they take. In a simulation exactly that.
constexpr int instructions_between_looks = 4096;
constexpr duration time_between_looks = 50us;

// How long to wait before the next try for a lock, as SQLite's own handler does it: short at first, because most
// transactions are short.
constexpr std::array<duration, 9> pauses = {1ms, 2ms, 5ms, 10ms, 15ms, 20ms, 25ms, 50ms, 100ms};

}  // namespace

void interruption::install(sqlite3* db, duration busy_timeout) {
    busy_timeout_ = busy_timeout;
    sqlite3_progress_handler(db, instructions_between_looks, &interruption::on_progress, this);
    sqlite3_busy_handler(db, &interruption::on_busy, this);
    sqlite3_commit_hook(db, &interruption::on_commit, this);
    const std::lock_guard held(mutex_);
    db_ = db;
}

void interruption::uninstall() noexcept {
    const std::lock_guard held(mutex_);
    db_ = nullptr;
}

void interruption::request() noexcept {
    const std::lock_guard held(mutex_);
    requested_.store(true, std::memory_order_release);
    if (db_ && indirect_count_ == 0) sqlite3_interrupt(db_);
    requested_or_not_->notify_all();
}

void interruption::clear() noexcept {
    const std::lock_guard held(mutex_);
    requested_.store(false, std::memory_order_release);
}

bool interruption::pause(duration span) {
    std::unique_lock held(mutex_);
    const time_point until = later(source_.now(), span);
    while (!requested() && requested_or_not_->wait(held, until)) {}
    return !requested();
}

interruption::indirect::indirect(interruption& of) noexcept : of_(of) {
    const std::lock_guard held(of_.mutex_);
    ++of_.indirect_count_;
}

interruption::indirect::~indirect() {
    const std::lock_guard held(of_.mutex_);
    --of_.indirect_count_;
}

// SQLite looks once more when a statement has ended. One that has committed must then not be called interrupted.
int interruption::on_progress(void* self) noexcept {
    auto& me = *static_cast<interruption*>(self);
    if (me.source_.are_simulated()) me.pause(time_between_looks);
    return me.requested() && !me.indivisible_ && !me.committed_;
}

int interruption::on_commit(void* self) noexcept {
    static_cast<interruption*>(self)->committed_ = true;
    return 0;  // let it commit
}

int interruption::on_busy(void* self, int tries) noexcept {
    try {
        return static_cast<interruption*>(self)->wait_for_lock(tries);
    } catch (...) {
        return 0;  // a wait that fails is a lock that isn't had
    }
}

bool interruption::wait_for_lock(int tries) {
    const time_point now = source_.now();
    if (tries == 0) give_up_ = later(now, busy_timeout_);
    if (now >= give_up_) return false;
    const auto next = pauses[std::min<std::size_t>(static_cast<std::size_t>(tries), pauses.size() - 1)];
    return pause(std::min<duration>(next, give_up_ - now));
}

}  // namespace torus::inline v0::sqlite
