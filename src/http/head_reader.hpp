// src/http/head_reader.hpp: turns the text of a complete head into its parts.
#pragma once

#include "http/parse_error.hpp"
#include "torus/http/message.hpp"

#include <cstdint>

namespace torus::inline v0::http {

/// Both read the text that was collected in the head's own `headers` (see head_text.hpp) and passed by a line_scanner.
///
/// Three parties look at a head, each at what it is good at: the scanner at lines, llhttp (strict) at the grammar
/// inside them, and we at the first line, where llhttp takes more than RFC 9112 has.
parse_error read_request_head(request_head& head, std::uint32_t target_bytes);
parse_error read_response_head(response_head& head);

/// Reads trailers, which are fields without a first line.
parse_error read_trailers(headers& trailers);

}  // namespace torus::inline v0::http
