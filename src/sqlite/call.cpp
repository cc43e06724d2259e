// src/sqlite/call.cpp: the way of a call to the connection's thread and back.
#include <torus/sqlite/call.hpp>

#include <torus/sql/error.hpp>

#include "sqlite/session.hpp"

namespace torus::inline v0::sqlite {

bool call::await_suspend(std::coroutine_handle<> h) {
    if (!where_.session) throw sql::statement_error(sql::error_kind::closed, 0, "the connection was moved away");
    where_.session->admit(*this);
    if (!begin_wait(h)) return false;
    where_.session->enter(*this);
    return true;
}

void call::suspend_uncancelled(std::coroutine_handle<> h) {
    where_.session->admit(*this);
    begin_wait_anyway(h);
    held_ = true;
    where_.session->enter(*this);
}

void call::cancel() noexcept {
    if (!held_ && where_.session->withdraw(*this)) make_cancelled();
}

void call::execute(database& db) noexcept {
    try {
        perform(db);
    } catch (const sql::interrupted_error&) {
        interrupted_ = true;
        error_ = std::current_exception();
    } catch (...) {
        error_ = std::current_exception();
    }
}

void call::answered() noexcept {
    where_.session->settle(*this);
    if (interrupted_ && stopped_) return make_cancelled();
    if (interrupted_)
        error_ = std::make_exception_ptr(
            sql::statement_error(sql::error_kind::closed, 0, "the connection was closed while the statement ran"));
    make_ready();
}

void call::fail(std::exception_ptr error) noexcept {
    error_ = std::move(error);
    make_ready();
}

void call::abandon() noexcept { where_.session->release(*this); }

void executing::perform(database& db) { result_ = db.execute(sql_, arguments_.views()); }
void executing_many::perform(database& db) { result_ = db.execute_many(sql_, rows_); }
void executing_script::perform(database& db) { db.execute_script(sql_); }
void querying::perform(database& db) { rows_ = db.query(sql_, arguments_.views()); }
void querying_one::perform(database& db) { row_ = db.query_one(sql_, arguments_.views()); }

}  // namespace torus::inline v0::sqlite
