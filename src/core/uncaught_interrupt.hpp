// src/core/uncaught_interrupt.hpp: how a program ends that doesn't catch a keyboard_interrupt.
#pragma once

namespace torus::inline v0 {

/// From now on an uncaught `keyboard_interrupt` ends the process by its signal: without a message, and its parent sees
/// what it would see of a program that has no handler. What else is not caught ends as ever. Does nothing where the
/// program has a terminate handler of its own.
void end_uncaught_interrupts_by_their_signals() noexcept;

}  // namespace torus::inline v0
