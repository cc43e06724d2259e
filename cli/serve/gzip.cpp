// cli/serve/gzip.cpp: a text, compressed.
#include "cli/serve/gzip.hpp"

#include <new>

#include <zlib.h>

namespace torus::inline v0::cli {

std::string gzipped(std::string_view text) {
    z_stream stream{};
    constexpr int gzip_window = 15 + 16;  // the largest window, in gzip's wrapping
    constexpr int usual_memory = 8;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, usual_memory, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string compressed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
    stream.avail_out = static_cast<uInt>(compressed.size());
    deflate(&stream, Z_FINISH);  // the room is enough for all of it
    compressed.resize(stream.total_out);
    deflateEnd(&stream);
    return compressed;
}

}  // namespace torus::inline v0::cli
