// src/sqlite/control.hpp: the calls that open and close a database, and begin and end its transactions.
#pragma once

#include <memory>
#include <string>

#include <torus/sqlite/call.hpp>

#include "sqlite/session.hpp"

namespace torus::inline v0::sqlite {

class opening final : public call {
public:
    opening(session_scope where, std::string path, const open_options& options)
        : call(std::move(where)), path_(std::move(path)), options_(options) {}
    opening(opening&&) noexcept = default;
    ~opening() { leave(); }
    void await_resume() { finish(); }

private:
    void perform(database& db) override { db.open(path_, options_); }
    std::string path_;
    open_options options_;
};

class closing final : public call {
public:
    explicit closing(session_scope where) noexcept : call(std::move(where)) {}
    closing(closing&&) noexcept = default;
    ~closing() { leave(); }
    void await_resume() { finish(); }

private:
    void perform(database& db) override { db.close(); }
};

/// Gives the scope of the transaction that it has begun.
class beginning final : public call {
public:
    beginning(session_scope where, transaction_kind kind)
        : call(std::move(where), role::begins), kind_(kind), begun_(std::make_unique<open_transaction>()) {}
    beginning(beginning&&) noexcept = default;
    ~beginning() { leave(); }
    session_scope await_resume() {
        finish();
        return {where().session, id_};
    }

    /// Its turn has come: from now on the others wait.
    std::unique_ptr<open_transaction> take_transaction(std::uint64_t id) noexcept {
        id_ = id;
        begun_->id = id;
        begun_->owner = waiting_task();
        return std::move(begun_);
    }
    std::uint64_t id() const noexcept { return id_; }

private:
    void perform(database& db) override { db.begin(kind_); }
    transaction_kind kind_;
    std::unique_ptr<open_transaction> begun_;
    std::uint64_t id_ = 0;
};

class committing final : public call {
public:
    explicit committing(session_scope where) noexcept : call(std::move(where), role::ends) {}
    committing(committing&&) noexcept = default;
    ~committing() { leave(); }
    void await_resume() { finish(); }

private:
    void perform(database& db) override { db.commit(); }
};

/// Happens whatever cancellation is pending or comes.
class rolling_back final : public call {
public:
    explicit rolling_back(session_scope where) noexcept : call(std::move(where), role::ends) {}
    rolling_back(rolling_back&&) noexcept = default;
    ~rolling_back() { leave(); }
    bool await_suspend(std::coroutine_handle<> h) {
        suspend_uncancelled(h);
        return true;
    }
    void await_resume() { finish(); }

private:
    void perform(database& db) override { db.rollback(); }
};

}  // namespace torus::inline v0::sqlite
