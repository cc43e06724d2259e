// tests/sim/disk_as_kernel_test.cpp: the same programs with the kernel's files and with simulated ones.
#include <torus/sim/network.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/fs/fs.hpp>
#include <torus/testing/test.hpp>

#include "scratch_folder.hpp"

#include <stdlib.h>
#include <sys/stat.h>

namespace torus::testing {
namespace {

constexpr int steps = 120;

/// A program that meddles with some names and files, as chance has it, and notes what it is answered.
class meddler {
public:
    meddler(std::string top, std::uint64_t seed) : top_(std::move(top)), bits_(seed) {}

    async<std::vector<std::string>> run() {
        co_await fs::create_directories(folder_, 0700);
        for (int i = 0; i < steps; ++i) {
            std::string answer;
            try {
                answer = co_await step();
            } catch (const fs::error& e) {
                answer = e.code().message();
            } catch (const incomplete_read_error&) {
                answer = "ends before";
            }
            answers_.push_back(std::to_string(i) + " " + what_ + ": " + answer);
        }
        opened_.reset();
        co_await note_tree(top_, "");
        co_return std::move(answers_);
    }

private:
    std::uint64_t below(std::uint64_t bound) { return bits_() % bound; }
    bool flip() { return below(2) == 0; }

    std::string some_name() {
        static constexpr std::array names{"a",     "b",   "c",    "a/b",   "a/c", "b/a",    "a/b/c",
                                          "l",     "l/a", "a/",   "l/",    "./a", "a/../b", "a//b",
                                          "x/y/z", "a/.", "b/..", "c/./d", ".",   "m",      "a/l"};
        return names[below(names.size())];
    }
    std::string called(const std::string& kind) {
        const std::string name = some_name();
        what_ += kind + name;
        return folder_ + "/" + name;
    }
    std::string some_text() {
        return std::string(below(3) == 0 ? 9000 : below(20), static_cast<char>('a' + below(26)));
    }

    /// What stands in an answer must not name the folder.
    std::string without_folder(std::string text) const {
        if (text.starts_with(top_)) text.erase(0, top_.size());
        return text;
    }

    /// Each run of equal bytes as its length and what it is made of.
    static std::string runs_of(const std::string& bytes) {
        std::string text;
        for (std::size_t at = 0, end = 0; at < bytes.size(); at = end) {
            end = std::min(bytes.find_first_not_of(bytes[at], at), bytes.size());
            text += std::to_string(end - at) + "*" + std::to_string(bytes[at]) + " ";
        }
        return text;
    }

    static std::string words(const fs::file_status& s) {
        std::string text = std::to_string(static_cast<int>(s.kind)) + " " + std::to_string(s.permissions);
        if (s.is_file()) text += " " + std::to_string(s.size) + " bytes, " + std::to_string(s.links) + " names";
        return text;
    }

    async<std::string> step() {
        what_.clear();
        switch (below(4)) {
        case 0: return change_names();
        case 1: return look();
        case 2: return use_whole_files();
        default: return use_open_file();
        }
    }

    async<std::string> change_names() {
        const auto target = flip() ? fs::existing::replaced : fs::existing::refused;
        switch (below(10)) {
        case 0:
        case 1: {
            const std::string from = called("rename "), to = called(" to ");
            co_await fs::rename(from, to, target);
            break;
        }
        case 2: co_await fs::remove(called("remove ")); break;
        case 3: co_await fs::remove_directory(called("remove_directory ")); break;
        case 4: co_await fs::create_directory(called("create_directory ")); break;
        case 5: co_await fs::create_directories(called("create_directories ")); break;
        case 6: {
            std::string to = some_name();
            what_ = to;
            co_await fs::create_symlink(std::move(to), called(" linked as "));
            break;
        }
        case 7: {
            const std::string of = called("hard link "), to = called(" as ");
            co_await fs::create_hard_link(of, to);
            break;
        }
        case 8: {
            const unsigned permissions = 0700 | static_cast<unsigned>(below(64));
            co_await fs::set_permissions(called("set_permissions "), permissions);
            break;
        }
        default: {
            const std::string what = called("remove_all ");
            if (below(3) == 0) co_return std::to_string(co_await fs::remove_all(what));
        }
        }
        co_return "done";
    }

    async<std::string> look() {
        switch (below(6)) {
        case 0: co_return words(co_await fs::status(called("status ")));
        case 1: co_return words(co_await fs::link_status(called("link_status ")));
        case 2: co_return std::to_string(co_await fs::exists(called("exists ")));
        case 3: co_return co_await fs::read_link(called("read_link "));
        case 4: co_return without_folder(co_await fs::resolve(called("resolve ")));
        default: {
            std::string all;
            for (const std::string& each : co_await fs::list(called("list "))) all += each + " ";
            co_return all;
        }
        }
    }

    async<std::string> use_whole_files() {
        const std::string text = some_text();
        switch (below(6)) {
        case 0: co_return runs_of(co_await fs::read_text(called("read_text ")));
        case 1: co_await fs::write_text(called("write_text "), text, {.atomic = false}); break;
        case 2: co_await fs::write_text(called("replace "), text, {.durable = flip()}); break;
        case 3: co_await fs::append(called("append "), text); break;
        default: {
            const std::string from = called("copy "), to = called(" to ");
            co_return std::to_string(co_await fs::copy_file(from, to));
        }
        }
        co_return "done";
    }

    async<std::string> open_some_file() {
        static constexpr std::array modes{fs::mode::read,   fs::mode::write,  fs::mode::append,
                                          fs::mode::create, fs::mode::update, fs::mode::update_or_create};
        const std::size_t how = below(modes.size());
        const std::string name = called("open " + std::to_string(how) + " ");
        opened_ = co_await fs::open(name, modes[how], {.readable = flip(), .follow_links = below(4) > 0});
        co_return std::to_string(opened_->tell());
    }

    async<std::string> use_open_file() {
        if (!opened_ || below(8) == 0) co_return co_await open_some_file();
        const std::uint64_t at = below(12'000);
        const std::string text = some_text();
        what_ = "of the open file ";
        switch (below(8)) {
        case 0: what_ += "read"; co_return runs_of(co_await read_from_open_file(at));
        case 1:
            what_ += "write";
            co_await opened_->write(text);
            break;
        case 2:
            what_ += "write_at " + std::to_string(at);
            co_await opened_->write_at(at, text);
            break;
        case 3:
            what_ += "truncate " + std::to_string(at);
            co_await opened_->truncate(at);
            break;
        case 4: what_ += "seek"; co_return std::to_string(co_await opened_->seek(-20, fs::origin::current));
        case 5: what_ += "status"; co_return words(co_await opened_->status());
        case 6:
            what_ += "allocate";
            co_await opened_->allocate(at, 1 + below(5000));
            break;
        default: {
            what_ += "readexactly_at " + std::to_string(at);
            std::string bytes(50, '\0');
            co_await opened_->readexactly_at(at, bytes);
            co_return runs_of(bytes);
        }
        }
        co_await opened_->sync();
        co_return std::to_string(opened_->tell());
    }

    /// A read may bring less than there is, as where the next page isn't in memory.
    async<std::string> read_from_open_file(std::uint64_t size) {
        std::string all;
        for (std::string some = "x"; all.size() < size && !some.empty(); all += some)
            some = co_await opened_->read(static_cast<std::size_t>(size - all.size()));
        co_return all;
    }

    async<> note_tree(std::string path, std::string name) {
        const fs::file_status status = co_await fs::link_status(path);
        std::string line = name + " " + words(status);
        if (status.is_symlink()) line += " " + co_await fs::read_link(path);
        if (status.is_file()) line += " " + runs_of(co_await fs::read_text(path));
        answers_.push_back(std::move(line));
        if (!status.is_directory()) co_return;
        for (const std::string& each : co_await fs::list(path))
            co_await note_tree(path + "/" + each, name + "/" + each);
    }

    const std::string top_;
    const std::string folder_ = top_ + "/1/2/3/4/5/6/7/8";  // links to ".." lead to no other test's files
    std::mt19937_64 bits_;
    std::optional<fs::file> opened_;
    std::string what_;
    std::vector<std::string> answers_;
};

async<std::vector<std::string>> meddle(std::string folder, std::uint64_t seed) {
    if (folder.empty()) co_await fs::create_directory(folder = "/top", 0700);
    meddler one(folder, seed);
    co_return co_await one.run();
}

TEST(simulated_disk, S608_answers_as_the_kernel_does) {
    const mode_t mask = ::umask(022);
    const sim::network on;
    const char* const wanted = ::getenv("TORUS_SEEDS");
    const std::uint64_t seeds = wanted ? std::stoull(wanted) : 100;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const scratch_folder folder;
        const auto real = run(meddle(folder.path(), seed), {.backend = backend_kind::epoll});
        const auto simulated = run(meddle("", seed), {.world = &on});
        const auto at = std::ranges::mismatch(real, simulated);
        if (at.in1 == real.end() && at.in2 == simulated.end()) continue;
        ADD_FAILURE() << "seed " << seed << "\nthe kernel:    " << (at.in1 == real.end() ? "-" : at.in1->substr(0, 300))
                      << "\nthe simulation: " << (at.in2 == simulated.end() ? "-" : at.in2->substr(0, 300));
        break;
    }
    ::umask(mask);
}

}  // namespace
}  // namespace torus::testing
