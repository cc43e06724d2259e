// src/tls/trust.hpp: the authorities that are believed.
#pragma once

#include "tls/openssl.hpp"

#include <torus/tls/identity.hpp>

namespace torus::inline v0::tls {

/// The system's authorities: read at the first call (tens of milliseconds), then shared by the whole process.
store_pointer system_trust();

/// True if the system has no authority at all: nothing but a private one can be verified.
bool system_trust_is_empty();

/// A store of its own.
///
/// @param trust    instead of the system's authorities, if given
/// @param also     besides them
/// @param revoked  lists of what these authorities took back
store_pointer make_trust(source trust, source also, source revoked);

}  // namespace torus::inline v0::tls
