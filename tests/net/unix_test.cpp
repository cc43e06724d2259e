// tests/net/unix_test.cpp: Unix sockets: paths, abstract names, and files that are left over.
#include "net/names.hpp"
#include "net/sockets.hpp"
#include "scratch_folder.hpp"

#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

namespace torus::testing {
namespace {

async<> echo(stream conn) {
    while (auto line = co_await conn.next()) co_await conn.write(*line);
}

/// What the server there sends back.
async<std::string> answer_at(std::string path) {
    stream conn = co_await open_unix_connection(path);
    co_await conn.write("hello\n");
    const std::string answer = co_await conn.readline();
    co_await conn.close();
    co_return answer;
}

/// A name that no other test uses at the same time.
std::string abstract_name(std::string_view what) {
    return "@torus-test-" + std::to_string(::getpid()) + "-" + std::string(what);
}

bool is_there(const std::string& path) { return std::filesystem::exists(std::filesystem::symlink_status(path)); }

TORUS_TEST(unix_socket, S208_serves_at_a_path_that_goes_with_the_server) {
    const scratch_folder folder;
    const std::string path = folder / "s";
    server srv = co_await start_unix_server(echo, path);
    EXPECT_EQ(srv.sockets(), std::vector<address>{address::local(path)});
    EXPECT_EQ(srv.port(), 0);
    EXPECT_EQ(co_await answer_at(path), "hello\n");
    srv.close();
    EXPECT_FALSE(is_there(path));
    const auto e = co_await expect_throws<connect_error>(open_unix_connection(path));
    EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
    EXPECT_NE(std::string_view(e.what()).find("unix:" + path), std::string_view::npos) << e.what();
    co_await srv.wait_closed();
}

TORUS_TEST(unix_socket, serves_at_an_abstract_name) {
    const std::string name = abstract_name("served");
    {
        const server srv = co_await start_unix_server(echo, name);
        EXPECT_EQ(srv.sockets().at(0).text(), "unix:" + name);
        EXPECT_EQ(co_await answer_at(name), "hello\n");
        const auto e = co_await expect_throws<std::system_error>(start_unix_server(echo, name));
        EXPECT_EQ(e.code(), std::errc::address_in_use);
        EXPECT_EQ(co_await answer_at(name), "hello\n");
    }
    const auto e = co_await expect_throws<connect_error>(open_unix_connection(name));
    EXPECT_EQ(e.code(), std::errc::connection_refused);
    EXPECT_FALSE(is_there(name));
}

TORUS_TEST(unix_socket, replaces_what_a_dead_server_has_left) {
    const scratch_folder folder;
    const std::string path = folder / "s";
    static_cast<void>(bare_listener(address::local(path)));
    EXPECT_TRUE(is_there(path));
    const auto e = co_await expect_throws<connect_error>(open_unix_connection(path));
    EXPECT_EQ(e.code(), std::errc::connection_refused);
    const server srv = co_await start_unix_server(echo, path);
    EXPECT_EQ(co_await answer_at(path), "hello\n");
}

TORUS_TEST(unix_socket, leaves_a_server_that_lives_alone) {
    const scratch_folder folder;
    const std::string path = folder / "s";
    const server srv = co_await start_unix_server(echo, path);
    const auto e = co_await expect_throws<std::system_error>(start_unix_server(echo, path));
    EXPECT_EQ(e.code(), std::errc::address_in_use);
    EXPECT_NE(std::string_view(e.what()).find(path), std::string_view::npos) << e.what();
    EXPECT_EQ(co_await answer_at(path), "hello\n");
}

TORUS_TEST(unix_socket, leaves_a_server_that_is_too_busy_to_accept_alone) {
    const scratch_folder folder;
    const std::string path = folder / "s";
    const bare_listener busy(address::local(path), 0);
    const stream queued = co_await open_unix_connection(path);
    const auto e = co_await expect_throws<std::system_error>(start_unix_server(echo, path));
    EXPECT_EQ(e.code(), std::errc::address_in_use);
    EXPECT_TRUE(is_there(path));
}

TORUS_TEST(unix_socket, leaves_files_of_other_kinds_alone) {
    const scratch_folder folder;
    const std::string file = folder.write("file", "precious");
    const std::string link = folder / "link";
    std::filesystem::create_symlink("nowhere", link);
    const std::string pipe = folder / "pipe";
    EXPECT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    for (const std::string& each : {file, link, pipe, folder / "."}) {
        const auto e = co_await expect_throws<std::system_error>(start_unix_server(echo, each));
        EXPECT_EQ(e.code(), std::errc::address_in_use) << each;
        EXPECT_TRUE(is_there(each));
    }
    EXPECT_EQ(std::filesystem::file_size(file), 8u);
}

TORUS_TEST(unix_socket, says_where_it_cannot_be_made) {
    const scratch_folder folder;
    const auto missing = co_await expect_throws<std::system_error>(start_unix_server(echo, folder / "no/s"));
    EXPECT_EQ(missing.code(), std::errc::no_such_file_or_directory);
    const std::string too_long(108, 'x');
    EXPECT_EQ((co_await expect_throws<std::system_error>(start_unix_server(echo, too_long))).code(),
              std::errc::filename_too_long);
    EXPECT_THROW(co_await open_unix_connection(too_long), std::system_error);
    EXPECT_THROW(co_await open_unix_connection(""), std::system_error);
}

TORUS_TEST(unix_socket, leaves_the_file_of_who_has_taken_its_place) {
    const scratch_folder folder;
    const std::string path = folder / "s";
    server former = co_await start_unix_server(echo, path);
    std::filesystem::remove(path);
    const server latter = co_await start_unix_server(echo, path);
    former.close();
    EXPECT_TRUE(is_there(path));
    EXPECT_EQ(co_await answer_at(path), "hello\n");
}

TORUS_TEST(unix_socket, closes_where_its_file_is_gone_already) {
    const scratch_folder folder;
    const std::string path = folder / "s";
    server srv = co_await start_unix_server(echo, path);
    std::filesystem::remove(path);
    srv.close();
    EXPECT_FALSE(is_there(path));
}

TORUS_IO_TEST(unix_socket, waits_for_a_server_whose_queue_is_full) {
    const scratch_folder folder;
    bare_listener busy(address::local(folder / "s"), 0);
    const stream first = co_await open_unix_connection(folder / "s");
    task<stream> second = create_task(open_unix_connection(folder / "s"));
    co_await sleep(20ms);
    EXPECT_FALSE(second.done());
    const descriptor accepted = busy.accept();
    const stream conn = std::move(co_await second);
    EXPECT_EQ(conn.peer(), busy.where());
}

TORUS_TEST(unix_socket, waits_for_a_server_whose_queue_is_full_no_longer_than_it_may) {
    const scratch_folder folder;
    const std::string path = folder / "s";
    const bare_listener busy(address::local(path), 0);
    const stream first = co_await open_unix_connection(path);
    const std::size_t before = open_descriptors();
    co_await expect_throws<timeout_error>(open_unix_connection(path));
    EXPECT_EQ(elapsed(), default_connect_timeout);
    EXPECT_EQ(open_descriptors(), before);
    task<stream> cancelled = create_task(open_unix_connection(path));
    co_await sleep(1s);
    cancelled.cancel();
    co_await expect_throws<cancelled_error>(cancelled);
    EXPECT_EQ(elapsed(), default_connect_timeout + 1s);
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace torus::testing
