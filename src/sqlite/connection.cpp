// src/sqlite/connection.cpp: a connection is opened and closed, and its transactions begin and end.
#include <torus/sqlite/connection.hpp>

#include <utility>

#include "sqlite/control.hpp"
#include "sqlite/session.hpp"

namespace torus::inline v0::sqlite {

async<connection> open(std::string path, open_options options) {
    connection opened(session_scope(session::start(), 0));  // ends its thread if this fails
    co_await opening(opened.where_, std::move(path), options);
    co_return opened;
}

connection::~connection() {
    if (where_.session && where_.transaction == 0) where_.session->end();
}

bool connection::is_open() const noexcept { return where_.session && where_.session->is_open(where_.transaction); }

async<> connection::close() {
    const session_scope where = where_;
    if (!where.session || !where.session->is_open(0)) co_return;
    if (where.transaction != 0)
        throw sql::statement_error(sql::error_kind::statement, 0, "a transaction cannot close its connection");
    co_await closing(where);
    where.session->end();
}

async<session_scope> connection::begin(session_scope outer, transaction_kind kind) {
    session_scope within = co_await beginning(std::move(outer), kind);
    co_return within;
}

async<> connection::end(session_scope within, std::exception_ptr error) {
    if (!error) {
        try {
            co_await committing(within);
        } catch (...) {
            error = std::current_exception();
        }
    }
    if (!error) co_return;
    // A commit that has failed has rolled back. One that didn't have its turn hasn't.
    if (within.session->is_open(within.transaction)) co_await rolling_back(within);
    std::rethrow_exception(error);
}

}  // namespace torus::inline v0::sqlite
