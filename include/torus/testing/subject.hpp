// torus/testing/subject.hpp: what the tools that run a coroutine again and again are given.
#pragma once

#include <torus/core/async.hpp>

namespace torus::inline v0::testing {

/// What is run again and again, and what must hold afterwards. Functions do for most.
class subject {
public:
    virtual ~subject() = default;
    virtual async<> begin() = 0;
    virtual void check() = 0;  // throws what does not hold
};

/// The same of two functions, which stay where they are.
template <class Factory, class Invariant> class function_subject final : public subject {
public:
    function_subject(Factory& factory, Invariant& invariant) noexcept : factory_(factory), invariant_(invariant) {}
    async<> begin() override { co_await factory_(); }
    void check() override { invariant_(); }

private:
    Factory& factory_;
    Invariant& invariant_;
};

struct nothing_more {
    void operator()() const noexcept {}
};

}  // namespace torus::inline v0::testing
