#!/usr/bin/env bash
# bench/peers/web/h2o.sh: h2o that answers with a file, on a free port; in the folder where it is started. It has no
# shorter way to a text that would not lead through a script.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/free_port.sh"
port=$(free_port)
mkdir -p files
printf 'Hello, World!' >files/index.txt
cat >h2o.conf <<END
user: $(id -un)
num-threads: 1
max-connections: 16384
tcp-fastopen: 0
listen:
  host: 127.0.0.1
  port: $port
file.index: ["index.txt"]
file.etag: OFF
hosts:
  default:
    paths:
      /:
        file.dir: $PWD/files
END
echo "port $port"
exec h2o -c h2o.conf
