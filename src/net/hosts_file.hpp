// src/net/hosts_file.hpp: /etc/hosts, read again when it has changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <torus/core/clock.hpp>
#include <torus/io/address.hpp>

namespace torus::inline v0 {

/// The names of a hosts file, or of a simulated world. The file is read with blocking calls: it is short, and in memory already.
class hosts_file {
public:
    /// The addresses of a name in lower case; empty if it is not in the file.
    const std::vector<address>& find(const std::string& name);

    /// The name of an address without a port, the first that is in the file; empty if it is not there.
    const std::string& name_of(const address& of);

    void set_path(std::string_view path);

private:
    // What tells one state of the file from another.
    struct stamp {
        std::int64_t seconds = 0;
        std::int64_t nanoseconds = 0;
        std::int64_t size = -1;
        std::uint64_t inode = 0;
        bool operator==(const stamp&) const = default;
    };

    void look();
    void refresh();
    void read(std::string_view text);
    void add_line(std::string_view line);

    std::string path_ = "/etc/hosts";
    bool is_chosen_ = false;  // by set_path(): then it is that one, in a simulated world, too
    std::size_t simulated_size_ = 0;  // bytes of the world's own that have been read; it only grows
    std::unordered_map<std::string, std::vector<address>> names_;
    std::map<address, std::string> addresses_;
    stamp seen_;
    time_point next_look_ = time_point::min();
};

/// In ASCII, as names of hosts are.
std::string lower_case(std::string_view text);

}  // namespace torus::inline v0
