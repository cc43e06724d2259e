#!/usr/bin/env bash
# bench/peers/web/nginx.sh: nginx that answers with a text, on a free port; in the folder where it is started.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/free_port.sh"
port=$(free_port)
cat >nginx.conf <<END
daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 20000;
error_log errors warn;
pid pid;
events { worker_connections 16384; }
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {
        listen 127.0.0.1:$port backlog=4096;
        location / { default_type text/plain; return 200 'Hello, World!'; }
    }
}
END
echo "port $port"
exec nginx -p . -c nginx.conf
