#!/usr/bin/env bash
# bench/peers/web/curl.sh: the HTTP client curl: curl.sh URL REQUESTS CONCURRENCY. It has at most 300 transfers at once.
set -euo pipefail
most=300
exec curl --silent --fail --output /dev/null --parallel --parallel-immediate \
    --parallel-max "$(($3 < most ? $3 : most))" "$1?[1-$2]"
