// torus/http/http.hpp: a client, a server, and the words of both: all of http in one include.
#pragma once

#include <torus/http/auth.hpp>
#include <torus/http/base64.hpp>
#include <torus/http/client.hpp>
#include <torus/http/coding.hpp>
#include <torus/http/date.hpp>
#include <torus/http/error.hpp>
#include <torus/http/etag.hpp>
#include <torus/http/headers.hpp>
#include <torus/http/incoming.hpp>
#include <torus/http/limits.hpp>
#include <torus/http/message.hpp>
#include <torus/http/method.hpp>
#include <torus/http/mime.hpp>
#include <torus/http/percent.hpp>
#include <torus/http/query.hpp>
#include <torus/http/range.hpp>
#include <torus/http/request.hpp>
#include <torus/http/response.hpp>
#include <torus/http/server.hpp>
#include <torus/http/status.hpp>
#include <torus/http/token.hpp>
#include <torus/http/url.hpp>
