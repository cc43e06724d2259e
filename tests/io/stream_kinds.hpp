// tests/io/stream_kinds.hpp: what every kind of stream must do, and the kinds there are.
#pragma once

#include <string>
#include <vector>

#include <torus/io/io.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {

/// A connection, seen from both sides.
struct connection {
    connection(stream a, stream b) : here(std::move(a)), there(std::move(b)) {}
    stream here;
    stream there;
};

/// A kind of stream. Every test of the contract runs with each of them.
struct stream_kind {
    const char* name;
    async<connection> (*connect)(stream_options options);
    clock_kind clock;
    std::size_t capacity;  // a write of so much has to wait while nobody reads
};

/// Defined once by each program that runs the contract.
std::vector<stream_kind> stream_kinds();

/// Connects as the running test wants it.
async<connection> connected(stream_options options = {});

/// How much a write must have to wait.
std::size_t more_than_fits();

/// Writes all of it, as something to make a task of.
async<> write_all(stream_writer& to, std::string text);

/// `size` bytes that tell where they are.
std::string numbered(std::size_t size);

class stream_contract : public ::testing::TestWithParam<stream_kind> {
public:
    void run(async<> (*body)());
};

}  // namespace torus::testing

/// A test of the contract: a coroutine.
#define STREAM_CONTRACT(name)                           \
    static ::torus::async<> name##_body();              \
    TEST_P(stream_contract, name) { run(name##_body); } \
    static ::torus::async<> name##_body()
