// torus/net/net.hpp: connecting, serving, datagrams, and finding addresses: all of net in one include.
#pragma once

#include <torus/net/connect.hpp>
#include <torus/net/datagram.hpp>
#include <torus/net/resolve.hpp>
#include <torus/net/serve.hpp>
#include <torus/net/socket.hpp>
#include <torus/net/udp.hpp>
#include <torus/net/unix_datagram.hpp>
