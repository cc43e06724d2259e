// torus/net/net.hpp: connecting, serving, and finding addresses: all of net in one include.
#pragma once

#include <torus/net/connect.hpp>
#include <torus/net/resolve.hpp>
#include <torus/net/serve.hpp>
