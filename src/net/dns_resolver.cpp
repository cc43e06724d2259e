// src/net/dns_resolver.cpp: from a name to its entry.
#include "net/dns_resolver.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include <torus/core/loop.hpp>
#include <torus/core/task.hpp>
#include <torus/core/time.hpp>

#include <sys/stat.h>

namespace torus::inline v0 {

namespace {

constexpr std::size_t longest_name = 253;  // RFC 1035, 2.3.4, without the dot at the end
constexpr std::size_t longest_label = 63;
constexpr std::uint16_t dns_port = 53;

// A notebook that has changed networks asks the new servers after this.
constexpr duration configuration_interval = std::chrono::seconds(5);

/// Letters, digits and hyphens, and the underscores that many names have in spite of the RFCs.
bool is_label_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_name(std::string_view name) noexcept {
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.empty() || name.size() > longest_name) return false;
    std::size_t label = 0;
    for (const char c : name) {
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
        } else if (!is_label_character(c) || ++label > longest_label) {
            return false;
        }
    }
    return label > 0;
}

bool is_this_machine(std::string_view name) noexcept {
    return name == "localhost" || name.ends_with(".localhost") || name == "localhost." || name.ends_with(".localhost.");
}

/// The time of a file's last change; 0 if it is not there.
std::int64_t last_change(const char* path) noexcept {
    struct stat file{};
    if (::stat(path, &file) < 0) return 0;
    return std::int64_t{file.st_mtim.tv_sec} * 1'000'000'000 + file.st_mtim.tv_nsec;
}

/// The list as the DNS library reads it without guessing; empty if it is no list of addresses.
std::string server_list(std::string_view servers) {
    std::string list;
    for (bool goes_on = true; goes_on;) {
        const std::size_t comma = std::min(servers.find(','), servers.size());
        const std::string_view each = servers.substr(0, comma);
        std::optional<address> server = address::ip(each, dns_port);
        if (!server) server = address::parse(each);
        if (!server || !server->is_ip()) return {};
        list += (list.empty() ? "" : ",") + server->text();
        goes_on = comma < servers.size();
        if (goes_on) servers.remove_prefix(comma + 1);
    }
    return list;
}

std::shared_ptr<name_entry> known_entry(const std::string& name, const std::vector<address>& addresses) {
    auto entry = std::make_shared<name_entry>(name);
    entry->ipv4.is_known = entry->ipv6.is_known = true;
    for (const address& each : addresses) entry->of(each.family()).addresses.push_back(each);
    return entry;
}

async<> wait_until_known(std::shared_ptr<name_entry> entry) {
    while (!entry->is_known()) co_await entry->changed.wait();
}

async<> wait_until_known(std::shared_ptr<host_name> name) {
    while (!name->is_known) co_await name->changed.wait();
}

}  // namespace

/// A lookup's place among those that run.
class dns_resolver::running_lookup {
public:
    running_lookup(dns_resolver& in, const std::shared_ptr<name_entry>& of) noexcept : in_(in), of_(of) {}
    running_lookup(const running_lookup&) = delete;
    running_lookup& operator=(const running_lookup&) = delete;
    ~running_lookup() { in_.finish(of_); }

private:
    dns_resolver& in_;
    const std::shared_ptr<name_entry>& of_;
};

/// One of those who ask for a name.
class dns_resolver::asking_name {
public:
    explicit asking_name(dns_resolver& in) noexcept : in_(in) { ++in_.names_asked_; }
    asking_name(const asking_name&) = delete;
    asking_name& operator=(const asking_name&) = delete;
    ~asking_name() {
        --in_.names_asked_;
        in_.may_ask_name_.ring();
    }

private:
    dns_resolver& in_;
};

std::shared_ptr<name_entry> dns_resolver::look_up(std::string_view host) {
    const std::string name = lower_case(host);
    if (!is_name(name))
        throw dns_error(dns_failure::malformed_name, "torus: '" + std::string(host) + "' is not a host's name");
    if (std::shared_ptr<name_entry> local = look_up_locally(name)) return local;
    if (knows_all_names()) return known_entry(name, {});
    if (std::shared_ptr<name_entry> cached = cache_.find(name)) return cached;
    if (const auto found = under_way_.find(name); found != under_way_.end()) {
        start_waiting();  // nobody did, if there was no memory for it
        return found->second;
    }
    auto entry = std::make_shared<name_entry>(name);
    waiting_.push_back(entry);
    try {
        under_way_.emplace(name, entry);
    } catch (...) {
        waiting_.pop_back();
        throw;
    }
    start_waiting();
    return entry;
}

/// What needs no question: names of the hosts file, and of this machine.
std::shared_ptr<name_entry> dns_resolver::look_up_locally(const std::string& name) {
    const std::vector<address>* found = &hosts_.find(name);
    if (found->empty() && name.ends_with('.')) found = &hosts_.find(name.substr(0, name.size() - 1));
    std::vector<address> loopback;
    if (found->empty() && is_this_machine(name)) {
        loopback = {address::loopback(address_family::ipv6, 0), address::loopback(address_family::ipv4, 0)};
        found = &loopback;
    }
    return found->empty() ? nullptr : known_entry(name, *found);
}

/// In a simulated world its hosts' names are all there are, unless somebody is to be asked.
bool dns_resolver::knows_all_names() const { return setup_.servers.empty() && event_loop::current().world().hosts(); }

/// As the hosts file has it, or everybody.
std::string dns_resolver::name_locally(const address& of) {
    const std::string& found = hosts_.name_of(of.with_port(0));
    return found.empty() && of.is_loopback() ? "localhost" : found;
}

async<std::optional<std::string>> dns_resolver::name_of(address of) {
    if (!of.is_ip()) co_return std::nullopt;
    if (std::string local = name_locally(of); !local.empty()) co_return local;
    if (knows_all_names()) co_return std::nullopt;
    while (names_asked_ >= dns_names_at_once) co_await may_ask_name_.wait();
    const asking_name place(*this);
    const auto name = std::make_shared<host_name>(of);
    try {
        channel()->ask(name);
    } catch (const std::exception&) {
        name->fail(dns_failure::server_failure, "c-ares can't be set up");
    }
    co_await move_on_after(dns_time_limit, wait_until_known(name));
    if (!name->name.empty() && !is_name(lower_case(name->name)))
        name->fail(dns_failure::server_failure, "no host may be called what it says");
    if (!name->is_known || (name->name.empty() && name->failure != dns_failure::not_found)) throw name->error();
    if (name->name.empty()) co_return std::nullopt;
    co_return name->name;
}

void dns_resolver::start_waiting() {
    while (running_ < dns_lookups_at_once && !waiting_.empty()) {
        spawn(run(*this, waiting_.front()));
        waiting_.pop_front();
        ++running_;
    }
}

async<> dns_resolver::run(dns_resolver& self, std::shared_ptr<name_entry> entry) {
    const running_lookup place(self, entry);
    try {
        const std::shared_ptr<dns_channel> channel = self.channel();
        channel->ask(entry, address_family::ipv6);
        channel->ask(entry, address_family::ipv4);
    } catch (const std::exception&) {
        name_entry::answer failed;
        failed.failure = dns_failure::server_failure;
        failed.detail = "c-ares can't be set up";
        entry->learn(address_family::ipv6, failed);
        entry->learn(address_family::ipv4, failed);
    }
    co_await move_on_after(dns_time_limit, wait_until_known(entry));
}

/// The lookup is over. What is not known by now has not been answered in time.
void dns_resolver::finish(const std::shared_ptr<name_entry>& entry) noexcept {
    const bool has_addresses = !entry->ipv6.addresses.empty() || !entry->ipv4.addresses.empty();
    const bool is_complete = entry->is_known() && has_addresses && entry->ipv6.failure == dns_failure::not_found &&
                             entry->ipv4.failure == dns_failure::not_found;
    name_entry::answer late;
    late.failure = dns_failure::timeout;
    entry->learn(address_family::ipv6, late);
    entry->learn(address_family::ipv4, late);
    const duration kept = is_complete ? std::clamp(entry->ttl, dns_cache_min, dns_cache_max) : dns_cache_failure;
    entry->expires = later(clock::now(), kept);
    --running_;
    const auto current = under_way_.find(entry->name);
    const bool is_forgotten = current == under_way_.end() || current->second != entry;
    if (!is_forgotten) under_way_.erase(current);
    try {
        if (!is_forgotten) cache_.insert(entry);
        start_waiting();
    } catch (...) {
        // No memory: it is looked up again when it is wanted again. The others wait for the next one to end.
    }
}

void dns_resolver::set_servers(std::string_view servers) {
    std::string list = server_list(servers);
    if (!dns_channel::is_server_list(list))
        throw std::invalid_argument("torus: '" + std::string(servers) + "' is no list of DNS servers");
    setup_.servers = std::move(list);
    forget_channel();
}

void dns_resolver::set_search_domains(std::string_view domains) {
    setup_.domains = domains;
    forget_channel();
}

void dns_resolver::set_configuration_file(std::string_view path) {
    setup_.configuration = path;
    setup_.servers.clear();
    setup_.domains.clear();
    forget_channel();
}

void dns_resolver::set_hosts_file(std::string_view path) {
    hosts_.set_path(path);
    clear_cache();
}

/// What is under way was asked before: those who wait for it get it, and nobody else.
void dns_resolver::clear_cache() noexcept {
    cache_.clear();
    under_way_.clear();
}

void dns_resolver::forget_channel() noexcept {
    channel_.reset();
    next_look_ = time_point::min();
    clear_cache();
}

/// The channel for the next question. One that resolv.conf has left behind goes when its questions are answered.
const std::shared_ptr<dns_channel>& dns_resolver::channel() {
    const time_point now = clock::now();
    if (setup_.servers.empty() && now >= next_look_) {
        next_look_ = later(now, configuration_interval);
        const std::int64_t changed = last_change(setup_.configuration.c_str());
        if (std::exchange(configuration_, changed) != changed) {  // not clear_cache(): who asks is under way
            channel_.reset();
            cache_.clear();
        }
    }
    if (!channel_) channel_ = std::make_shared<dns_channel>(setup_);
    return channel_;
}

}  // namespace torus::inline v0
