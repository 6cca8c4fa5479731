#!/bin/sh
# ./rvw.sh up | test | check | any command of the `rvw` CLI. Makes its own environment in .venv, from the hashed lock.
set -eu
cd "$(dirname "$0")"

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Python 3.11 or newer is needed (PYTHON=… names another one). On Debian: apt-get install python3 python3-venv" >&2
    exit 1
}

stamp=.venv/.installed
if ! [ -f "$stamp" ] || [ requirements.lock -nt "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
    [ -x .venv/bin/python ] || "$python" -m venv .venv 2>/dev/null || {
        echo "Python cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2
        exit 1
    }
    .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
    .venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock
    .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
    touch "$stamp"
fi

exec .venv/bin/rvw "$@"
