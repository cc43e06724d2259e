#!/usr/bin/env bash
# tools/demo.sh: fetches 2,000 URLs that take 100 ms each from a server of our own into demo.db, and does the arithmetic.
set -euo pipefail

torus=$PWD/build/release/bin/torus
urls=2000
concurrency=256
lag=100ms

scratch=$(mktemp -d)
server=
trap 'if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$scratch"' EXIT
rm -f demo.db demo.db-wal demo.db-shm

mkdir "$scratch/empty"
"$torus" serve "$scratch/empty" --host 127.0.0.1 --port 0 --lag "$lag" >"$scratch/server" 2>&1 &
server=$!
port=
for ((tries = 0; tries < 100; ++tries)); do  # 10 s
    [[ $(cat "$scratch/server" 2>/dev/null) =~ 127\.0\.0\.1:([0-9]+) ]] && port=${BASH_REMATCH[1]} && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
if [[ -z $port ]]; then
    echo "demo: the server did not start:" >&2
    cat "$scratch/server" >&2
    exit 1
fi
seq -f "http://127.0.0.1:$port/_/delay/0?n=%.0f" 1 "$urls" >"$scratch/urls.txt"
echo "torus serve --port $port --lag $lag"
echo "torus fetch urls.txt -o demo.db -c $concurrency"

begin=$EPOCHREALTIME
result=0
"$torus" fetch "$scratch/urls.txt" -o demo.db -c "$concurrency" || result=$?
end=$EPOCHREALTIME
[[ $result -le 1 ]] || exit "$result"  # 1 is: some failed, which the table below shows

read -r rows failed serial_ms < <(sqlite3 -separator ' ' demo.db \
    'select count(*), count(error), coalesce(sum(total_ms), 0) from results')
awk -v begin="${begin/,/.}" -v end="${end/,/.}" -v rows="$rows" -v failed="$failed" -v serial="$serial_ms" 'BEGIN {
    wall = end - begin
    printf "\n  it took              %8.2f s\n", wall
    printf "  one at a time        %8.2f s   (the sum of what each took)\n", serial / 1000
    printf "  requests per second  %8.0f\n", rows / wall
    printf "  rows, failed         %8d, %d\n", rows, failed
}'
cat <<'TEXT'

  Look at the results:
  sqlite3 -box demo.db "select status, error, count(*), round(avg(total_ms)) as ms from results group by status, error"
TEXT
[[ $rows -eq $urls && $failed -eq 0 && $result -eq 0 ]]
