// tests/io/stream_contract.cpp: how the contract is run with each kind of stream.
#include "io/stream_kinds.hpp"

namespace torus::testing {

namespace {

const stream_kind* current_kind = nullptr;

}  // namespace

void stream_contract::run(async<> (*body)()) {
    current_kind = &GetParam();
    run_test(body, current_kind->clock);
}

async<connection> connected(stream_options options) { return current_kind->connect(options); }

std::size_t more_than_fits() { return current_kind->capacity; }

async<> write_all(stream_writer& to, std::string text) { co_await to.write(text); }

std::string numbered(std::size_t size) {
    std::string text;
    text.reserve(size + 16);
    for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ',';
    text.resize(size);
    return text;
}

INSTANTIATE_TEST_SUITE_P(, stream_contract, ::testing::ValuesIn(stream_kinds()),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace torus::testing
