// tests/http/out_of_descriptors_test.cpp: a client whose process has no descriptor left.
#include "peers.hpp"

#include <torus/io/descriptor.hpp>

#include <fcntl.h>
#include <sys/resource.h>

namespace torus::http::testing {
namespace {

/// While it lives, this process has no descriptor but those it has, and what it closes of them.
class all_descriptors_taken {
public:
    all_descriptors_taken() {
        ::getrlimit(RLIMIT_NOFILE, &former_);
        const rlimit lower{256, former_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &lower);
        for (int each = 0; each >= 0; taken_.emplace_back(each)) each = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    all_descriptors_taken(const all_descriptors_taken&) = delete;
    all_descriptors_taken& operator=(const all_descriptors_taken&) = delete;
    ~all_descriptors_taken() { ::setrlimit(RLIMIT_NOFILE, &former_); }

private:
    rlimit former_{};
    std::vector<descriptor> taken_;
};

TORUS_IO_TEST(client_pool, closes_idle_connections_where_there_are_no_descriptors_left) {
    const auto hello = [](incoming&) -> async<reply> { co_return reply(200, "hello"); };
    server one = co_await serve(hello, "127.0.0.1", 0);
    server another = co_await serve(hello, "127.0.0.1", 0);
    client c;
    EXPECT_EQ(co_await text_of(c, url_of(one)), "hello");
    EXPECT_EQ(c.idle_connections(), 1U);
    const all_descriptors_taken shortage;
    EXPECT_EQ(co_await text_of(c, url_of(another)), "hello");
    EXPECT_EQ(c.connections(), 1U);
    take_reports();  // of the server, which has no descriptor for its client until the former one is gone
}

}  // namespace
}  // namespace torus::http::testing
