// torus/tls/tls.hpp: TLS streams, configurations and certificates: all of tls in one include.
#pragma once

#include <torus/tls/certificate.hpp>
#include <torus/tls/context.hpp>
#include <torus/tls/error.hpp>
#include <torus/tls/identity.hpp>
#include <torus/tls/stream.hpp>
