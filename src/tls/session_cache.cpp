// src/tls/session_cache.cpp: the sessions a client may resume.
#include "tls/session_cache.hpp"

#include <chrono>

namespace torus::inline v0::tls {

namespace {

bool is_alive(const SSL_SESSION* session) {
    using namespace std::chrono;
    const auto now = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
    return SSL_SESSION_is_resumable(session) == 1 &&
           now < SSL_SESSION_get_time(session) + SSL_SESSION_get_timeout(session);
}

}  // namespace

void session_cache::keep(std::string_view server, session_pointer session) {
    std::lock_guard held(mutex_);
    if (auto found = by_server_.find(server); found != by_server_.end()) {
        entries_.splice(entries_.begin(), entries_, found->second);
    } else {
        entries_.push_front(entry{std::string(server), {}});
        try {
            by_server_.emplace(entries_.front().server, entries_.begin());
        } catch (...) {
            entries_.pop_front();
            throw;
        }
        if (entries_.size() > most_servers) {
            by_server_.erase(entries_.back().server);
            entries_.pop_back();
        }
    }
    auto& sessions = entries_.front().sessions;
    if (sessions.size() == most_sessions) sessions.erase(sessions.begin());
    sessions.push_back(std::move(session));
}

session_pointer session_cache::take(std::string_view server) {
    std::lock_guard held(mutex_);
    const auto found = by_server_.find(server);
    if (found == by_server_.end()) return nullptr;
    auto& sessions = found->second->sessions;
    while (!sessions.empty()) {
        session_pointer newest = std::move(sessions.back());
        sessions.pop_back();
        if (!is_alive(newest.get())) continue;
        if (SSL_SESSION_get_protocol_version(newest.get()) < TLS1_3_VERSION) {
            SSL_SESSION_up_ref(newest.get());
            sessions.emplace_back(newest.get());
        }
        return newest;
    }
    const auto used_up = found->second;
    by_server_.erase(found);  // first: its key is in the entry
    entries_.erase(used_up);
    return nullptr;
}

std::size_t session_cache::servers() const {
    std::lock_guard held(mutex_);
    return entries_.size();
}

}  // namespace torus::inline v0::tls
