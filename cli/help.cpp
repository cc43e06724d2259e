// cli/help.cpp: what --help shows.
#include "cli/help.hpp"

#include <unistd.h>

#include "cli/terminal.hpp"

namespace torus::inline v0::cli {

const std::string_view torus_help = R"(torus: asynchronous I/O at work.

Usage:
  torus fetch [FILE | - | URL…] [options]   fetch very many URLs into a database
  torus serve [DIR] [options]               serve files, and endpoints to test clients with
  torus breakfast                           coffee and a bagel, one after the other and at once

  torus COMMAND --help                      everything about a command
  torus --version                           this build: compiler, backend, libraries

Examples:
  torus fetch urls.txt -o pages.db          one URL a line, one row a line
  torus serve ~/site --port 8080            a folder at http://127.0.0.1:8080/
  torus breakfast                           takes eleven seconds

Environment:
  TORUS_BACKEND      io_uring or epoll, to use just that; else io_uring where the kernel lets us
  TORUS_FETCH_…      a default for each option of fetch, TORUS_FETCH_MAX_BODY for --max-body; TORUS_SERVE_… likewise
  NO_COLOR           no colours, whatever it is set to; CLICOLOR_FORCE=1 wants them everywhere
)";

const std::string_view fetch_help =
    R"(torus fetch: fetch very many URLs into a database, and go on where it was interrupted.

Usage:
  torus fetch [FILE | - | URL…] [options]
  torus fetch -o OUTPUT                     go on with the run that OUTPUT holds

Input:
  One URL a line, or one JSON object a line:
      {"url": "https://…", "method": "POST", "headers": {"Accept": "text/html"}, "body": "…"}
  A file, - for standard input, or URLs. Each line ends as one row, whatever is wrong with it: also an empty one.
  Lines may be 1 MiB long.

Output:
  -o, --output FILE          the database [pages.db], or a file of JSON lines; - is standard output
      --format FORMAT        sqlite or jsonl [jsonl for *.jsonl, *.ndjson and -, else sqlite]
      --restart              forget what the output holds of another run, and begin anew
      --retry-failed         fetch again what has failed; how hard to try (--timeout, --retries) may change then
      --retry-unsafe         send POST and PATCH again too, where an earlier one may have arrived
  -q, --quiet                say nothing but what went wrong with the run itself
      --color WHEN           auto, always, never [auto]

Pace:
  -c, --concurrency N        requests at a time [256]
      --per-host N           requests at a time to one host [no limit]
      --rate N               requests a second: 100, 2.5/s, 30/m [no limit]
      --timeout TIME         for an attempt in all: 100ms, 1.5s, 2m [30s]
      --connect-timeout TIME for its name, connection and TLS [10s]
      --retries N            attempts after the first [2]: after connections that could not be made, resets before an
                             answer, and 429, 502, 503, 504; with growing pauses, or as Retry-After says

Requests:
      --max-body SIZE        bytes of a body that are kept, 64MiB, 10k; a longer one is an error too_large [16MiB]
      --max-redirects N      redirects that are followed; with 0 a redirect is an answer [10]
      --raw                  keep bodies as they were sent; else gzip, br and zstd are decoded
      --dedupe               fetch equal requests once; the rows of the others say so
  -H, --header 'NAME: VALUE' for every request; a line's own headers go first. May be repeated
      --user-agent TEXT      [torus/0.1.0]
      --ca FILE              trust these authorities (PEM), and no others
      --cert FILE            the client's certificate (PEM); its key is
      --key FILE             in this file
      --insecure             trust anybody, in spite of what may happen then

Rows:
  The table is results(id, url, final_url, method, status, error, message, headers, body, sha256, size, attempts,
  started_at, dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms); id is the number of the line. In JSON lines a body
  that is no text is in body_base64 instead. error is null where there was an answer, of whatever status; else it is
      dns refused reset timeout tls protocol too_large redirects input
      unknown    torus was killed while a POST or PATCH was on its way, which it doesn't send twice

Interrupted:
  Ctrl-C lets what is under way finish, for five seconds; the second one ends at once. The same command goes on
  later, also after a crash. An output of another input, or of other options that change results, is refused.

Environment:
  http_proxy, https_proxy, all_proxy   proxies to fetch through, http://user:password@host:port
  no_proxy                             hosts and domains that are reached without: localhost,.example.com; * is all

Exit status:
  0 all fetched   1 some failed, or answered 429, 502, 503 or 504   2 wrong usage, or an output of something else
  3 the output or the input failed, or no more files may be opened   130, 143 interrupted

Examples:
  torus fetch urls.txt -o pages.db -c 1000 --per-host 20
  sqlite3 pages.db "select status, error, count(*) from results group by 1, 2"
  zcat urls.gz | torus fetch - -o pages.db --retry-failed --timeout 60s
  torus fetch https://example.com/ -o - | jq -r .body
)";

const std::string_view serve_help = R"(torus serve: serve files, and endpoints to test clients with.

Usage:
  torus serve [DIR] [options]

Files:
  Those below DIR [.], with their types, ETag, Last-Modified and ranges; of a folder its index.html, or a list. Nothing
  outside of DIR is served, whatever the path or a symbolic link says, and nothing whose name begins with a dot.

Options:
      --host ADDRESS     where to listen [127.0.0.1]
      --port N           [8000]; 0 takes any free one. The address is printed on standard output
      --lag TIME         wait before each answer: 100ms, 1.5s [0]
      --tls-cert FILE    serve HTTPS with this certificate chain (PEM)
      --tls-key FILE     and this key
      --log FILE         a line of JSON for each request; - is standard output
      --color WHEN       auto, always, never [auto]

Endpoints:
  /_/delay/N         answers after N seconds (delay/1.5), or after delay/100ms
  /_/status/N        answers with the status N; with 429 and 503, ?retry-after=2 adds that field
  /_/bytes/N         N bytes, always the same ones: bytes/10k, bytes/1MiB
  /_/stream/N        N lines of JSON in chunks, /_/stream/N?delay=100ms with a pause before each; stream/endless too
  /_/redirect/N      N redirects one after the other, then an answer; redirect/loop goes in a circle
  /_/headers         what the request said, as JSON
  /_/gzip            a text, compressed
  /_/reset           resets the connection
  /_/truncate        promises more than it sends

Examples:
  torus serve ~/site --port 8080
  torus serve --port 0 --lag 100ms                  a slow server for benchmarks
  torus serve --tls-cert chain.pem --tls-key key.pem --host 0.0.0.0 --log requests.jsonl

Exit status:
  0 ended by SIGINT or SIGTERM, after up to ten seconds for what was under way   2 wrong usage   3 cannot serve
)";

const std::string_view breakfast_help =
    R"(torus breakfast: coffee takes three seconds and a bagel two. How long does breakfast take?

Usage:
  torus breakfast

  The demo of asyncio's tutorials, as functions that block, with gather, and with create_task: the source is
  examples/breakfast.cpp.

Examples:
  torus breakfast                           all three, in eleven seconds
  TORUS_BACKEND=epoll torus breakfast       on another backend
  torus breakfast | tail -n 5               just the last picture
)";

std::string styled_help(std::string_view text) {
    const palette colors(wants_color(color_choice::automatic, STDOUT_FILENO));
    std::string styled;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        const bool heading = !line.empty() && line.front() != ' ' && line.back() == ':';
        styled += heading ? colors.bold(line) : std::string(line);
        styled += '\n';
        text.remove_prefix(line.size() + 1);
    }
    return styled;
}

}  // namespace torus::inline v0::cli
