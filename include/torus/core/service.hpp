// torus/core/service.hpp: what a loop keeps for one purpose, from the first use to its own end: its resolver, say.
#pragma once

#include <memory>

#include <torus/core/loop.hpp>

namespace torus::inline v0 {

/// Something of which each loop has one. Its destructor runs when the loop closes: no task is left then, but the loop
/// and its backend are still there for descriptors to be closed.
class loop_service {
public:
    loop_service() noexcept = default;
    loop_service(const loop_service&) = delete;
    loop_service& operator=(const loop_service&) = delete;
    virtual ~loop_service() = default;

private:
    friend class event_loop;
    const void* key_ = nullptr;
    loop_service* next_ = nullptr;
};

/// The address of its variable stands for a kind of service.
template <class Service> class service_key {
public:
    static constexpr char key = 0;
};

/// The running loop's `Service`, made on first use.
/// @throws std::runtime_error  no loop runs on this thread; or what making it throws
template <class Service> Service& service_of_loop() {
    event_loop& loop = event_loop::current();
    loop_service* found = loop.find_service(&service_key<Service>::key);
    if (!found) found = &loop.add_service(&service_key<Service>::key, std::make_unique<Service>());
    return static_cast<Service&>(*found);
}

}  // namespace torus::inline v0
