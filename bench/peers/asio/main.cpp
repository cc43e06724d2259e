// bench/peers/asio/main.cpp: the micro part for Asio's coroutines. It has no lock between coroutines.
#include "peers/asio/cases.hpp"

int main(int argc, char** argv) {
    using namespace asio_peer;
    return session("asio").run({call_cases(), wait_cases()}, argc, argv);
}
