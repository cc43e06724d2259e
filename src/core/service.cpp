// src/core/service.cpp: a loop's services, which are few: a list of them is searched.
#include <torus/core/service.hpp>

#include <utility>

namespace torus::inline v0 {

loop_service* event_loop::find_service(const void* key) const noexcept {
    loop_service* each = services_;
    while (each && each->key_ != key) each = each->next_;
    return each;
}

loop_service& event_loop::add_service(const void* key, std::unique_ptr<loop_service> service) noexcept {
    service->key_ = key;
    service->next_ = services_;
    services_ = service.release();
    return *services_;
}

/// The youngest first: it may use an older one.
void event_loop::drop_services() noexcept {
    while (loop_service* const first = services_) {
        services_ = first->next_;
        delete first;
    }
}

}  // namespace torus::inline v0
