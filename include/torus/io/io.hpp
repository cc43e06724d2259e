// torus/io/io.hpp: streams, descriptors and addresses: all of io in one include.
#pragma once

#include <torus/io/address.hpp>
#include <torus/io/bytes.hpp>
#include <torus/io/descriptor.hpp>
#include <torus/io/error.hpp>
#include <torus/io/limits.hpp>
#include <torus/io/memory_stream.hpp>
#include <torus/io/pipe.hpp>
#include <torus/io/reader.hpp>
#include <torus/io/ready.hpp>
#include <torus/io/send_file.hpp>
#include <torus/io/stream.hpp>
#include <torus/io/transport.hpp>
#include <torus/io/writer.hpp>
