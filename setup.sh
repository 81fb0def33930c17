#!/bin/sh
# Makes everything a checkout needs: Python packages in .venv; Asterisk, prompts and music in the
# cache folder (TONGDAI_CACHE, else XDG_CACHE_HOME/tongdai, else ~/.cache/tongdai). Run it as often
# as you like: what is there already is kept.
set -eu
cd "$(dirname "$0")"

UV="uv==0.13.9"
cache="${TONGDAI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tongdai}"
stamp=.venv/.made-from
spoken=.venv/.spoken-from

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# The first Python that is new enough; PYTHON=… names another.
find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 or later is not here. Install it (apt install python3), or name it: PYTHON=/path/to/python make setup"
}

# pip for a Python that came without ensurepip: Debian keeps it in a package, which apt can fetch
# and check as an ordinary user in folders of our own. Prints the path of the wheel.
pip_from_debian() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        fail "this Python has neither venv with pip nor apt to fetch it: install your system's packages for python3-venv"
    scratch="$1"
    mkdir -p "$scratch/lists/partial" "$scratch/archives/partial"
    (
        cd "$scratch"
        set -- -qq -o Dir::State="$scratch" -o Dir::State::lists="$scratch/lists" \
            -o Dir::State::status=/var/lib/dpkg/status -o Dir::Cache="$scratch" \
            -o Dir::Cache::archives="$scratch/archives" -o Debug::NoLocking=1 \
            -o APT::Sandbox::User=root -o Acquire::Languages=none
        # One broken source of a third party does not matter if the package is found.
        apt-get "$@" update >apt.log 2>&1 || true
        apt-get "$@" download python3-pip-whl >>apt.log 2>&1 && dpkg-deb -x python3-pip-whl_*.deb .
    ) || fail "pip is missing and apt could not fetch it: apt install python3-venv, or check the network.
$(tail -n 3 "$scratch/apt.log")"
    set -- "$scratch"/usr/share/python-wheels/pip-*.whl
    echo "$1"
}

make_venv() {
    rm -rf .venv
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv .venv || fail "$python cannot make .venv here: is the disk full, or the folder read-only?"
        .venv/bin/python -m pip "$@"
    else
        "$python" -m venv --without-pip .venv || fail "$python cannot make .venv here: is the disk full, or the folder read-only?"
        scratch="$(mktemp -d)"
        trap 'rm -rf "$scratch"' EXIT
        wheel="$(pip_from_debian "$scratch")" || exit 1
        PYTHONPATH="$wheel" .venv/bin/python -m pip "$@"
    fi || fail "$UV could not be installed: check the network, and your settings of pip if you have any"
}

python="$(find_python)"
made_from="$("$python" -V) $(cat requirements.lock pyproject.toml setup.sh | sha256sum)"
if [ "$(cat "$stamp" 2>/dev/null)" != "$made_from" ]; then
    [ "$(df -Pk . | awk 'NR == 2 { print $4 }')" -gt 1000000 ] || fail "less than 1 GB is free in $PWD"
    mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] ||
        fail "$cache cannot be written: choose another folder with TONGDAI_CACHE"
    export UV_CACHE_DIR="$cache/uv" PIP_CACHE_DIR="$cache/pip" PIP_DISABLE_PIP_VERSION_CHECK=1

    echo "[1/4] Python environment in .venv ($("$python" -V))"
    make_venv install --quiet "$UV"

    echo "[2/4] Python packages ($(grep -c '^[a-z].*==' requirements.lock))"
    # uv does not read pip's settings: a mirror that is set there is meant for us, too.
    index="${PIP_INDEX_URL:-$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)}"
    [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
    .venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock &&
        .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps -e . ||
        fail "the packages of requirements.lock could not be installed: check the network, and run it again"
    echo "$made_from" >"$stamp"
fi

echo "[3/4] Asterisk, with SIPp and a voice"
.venv/bin/python -m engine.asterisk.install

# Said again only when the words, the recordings or the way of making them changed.
spoken_from="$cache $(find ivr_flows engine/sounds -type f ! -name '*.pyc' | sort | xargs cat | sha256sum)"
if [ ! -d "$cache/prompts" ] || [ "$(cat "$spoken" 2>/dev/null)" != "$spoken_from" ]; then
    echo "[4/4] Prompts and music"
    .venv/bin/tongdai setup
    echo "$spoken_from" >"$spoken"
fi
