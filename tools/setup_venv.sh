#!/bin/sh
# Makes .venv hold Skillwright (editable) with the given extras, every version from constraints.txt.
#
#   PYTHON=python3 sh tools/setup_venv.sh learn,mujoco,curves,models,embeddings,keyring,export,experience,otel,dev
#
# A stamp inside .venv holds the checksum of all that decides its content, so a second call returns at once. A venv
# whose set-up was interrupted, or that was made elsewhere or with another Python, is made anew.
set -eu
cd "$(dirname "$0")/.."

extras=${1:?extras, for example learn,dev}
python=${PYTHON:-python3}
torch_index=${TORCH_INDEX:-}
venv=.venv

say() { printf '[setup] %s\n' "$*"; }
fail() { printf '[setup] %s\n' "$@" >&2; exit 1; }

require_python() {
    command -v "$python" >/dev/null || found="is not there"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        fail "Skillwright needs Python 3.11 or newer, but '$python' ${found:-is $("$python" --version 2>&1)}." \
             "Install one (on Debian: apt-get install -y python3 python3-venv)," \
             "or name one: make demo PYTHON=/path/to/python3.11"
}

checksum() { cksum | tr -d ' \n'; }
made_from() { { pwd; "$python" -c 'import sys; print(sys.version, sys.base_prefix)'; } | checksum; }
wanted() { { echo "$1"; cat constraints.txt pyproject.toml tools/setup_venv.sh; } | checksum; }
holds() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

pip_install() {
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --constraint constraints.txt "$@"
}

make_venv() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "This Python cannot make virtual environments. On Debian: apt-get install -y python3-venv"
    say "making $venv with $("$python" --version)"
    rm -f "$venv/.made-from" # first of all: a removal cut off here must not look like a whole venv
    rm -rf "$venv"
    "$python" -m venv "$venv"
    made_from >"$venv/.made-from"
}

# Plain torch brings gigabytes of CUDA on Linux; the CPU build of the same version is asked for first, and what is
# installed here satisfies every later request, so that pip never chooses again.
install_torch() {
    version=$(sed -n 's/^torch==//p' constraints.txt)
    say "installing torch $version (CPU)"
    if [ "$(uname -s)" = Linux ]; then
        pip_install ${torch_index:+--extra-index-url "$torch_index"} "torch==$version+cpu" 2>/dev/null && return
        say "no CPU build among pip's sources: taking the default build, which is large on Linux;"
        say "to avoid it, stop and give PyTorch's CPU wheel index: make demo TORCH_INDEX=URL"
    fi
    pip_install "torch==$version"
}

install_all() {
    touch "$venv/.interrupted"
    install_torch
    say "installing skillwright[$extras]"
    pip_install hatchling editables
    pip_install --no-build-isolation --editable ".[$extras]"
    rm "$venv/.interrupted"
}

require_python
if [ -e "$venv/.interrupted" ] || ! holds "$venv/.made-from" "$(made_from)"; then
    make_venv
fi

# The developers' set contains the runner's.
holds "$venv/.has-$extras" "$(wanted "$extras")" && exit 0
[ "$extras" = learn ] && holds "$venv/.has-learn,mujoco,curves,models,embeddings,keyring,export,experience,otel,dev" "$(wanted learn,mujoco,curves,models,embeddings,keyring,export,experience,otel,dev)" && exit 0
install_all
wanted "$extras" >"$venv/.has-$extras"
say "ready"
