#!/usr/bin/env bash
# bench/peers/python/setup.sh: a virtual environment in the folder given, of the newest Python there is, with uvloop.
set -euo pipefail
folder=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

newest() {
    local versions=() candidate
    ! command -v pyenv >/dev/null || versions=("$(pyenv root)"/versions/3.*/bin)
    for candidate in 3.14 3.13 3.12 3.11; do
        PATH=$PATH$(printf ':%s' "${versions[@]}") bash -c "python$candidate -c 'import venv, sys; print(sys.executable)'" \
            2>/dev/null && return
    done
    echo python3
}

if [[ ! -x $folder/bin/python ]]; then "$(newest)" -m venv "$folder"; fi
"$folder/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$here/requirements.txt"
