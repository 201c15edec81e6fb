#!/usr/bin/env bash
# Fetches libtorch for the feature `rust-bert`, from PyPI alone, for Linux on x86-64 without a GPU.
#
#   scripts/libtorch.sh [DIR]          (default: target/libtorch; about 600 MB, and as much again to fetch)
#   eval "$(scripts/libtorch.sh)"      fetches it once, then sets the environment of this shell
#
# What it prints to standard output are the variables that `cargo build --features rust-bert` and the program
# need. With a libtorch of your own (for a GPU, say), set LIBTORCH to it and leave this script alone.
set -euo pipefail

cd "$(dirname "$0")/.."
dir=${1:-target/libtorch}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

say() { echo "libtorch.sh: $*" >&2; }

fetch() {
    command -v python3 >/dev/null || { say "python3 with pip is needed to fetch libtorch"; exit 1; }
    local wheels
    wheels=$(mktemp -d "$dir/wheels.XXXXXX")
    trap 'rm -rf "$wheels"' RETURN
    say "fetching torch 2.4.0 (800 MB) ..."
    # The same wheels whatever Python runs pip. The build links against two small CUDA libraries, even on a CPU.
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$wheels" \
        --implementation cp --python-version 3.11 --abi cp311 --abi none \
        --platform manylinux1_x86_64 --platform manylinux2014_x86_64 \
        torch==2.4.0 nvidia-cuda-runtime-cu12==12.1.105 nvidia-cuda-cupti-cu12==12.1.105 >&2
    say "unpacking ..."
    python3 - "$wheels" "$dir" <<'PYTHON'
import pathlib, re, sys, zipfile

wheels, target = sys.argv[1:]
wanted = re.compile(r"torch/include/|torch/lib/(libc10|libtorch_cpu|libgomp-[^/]*)\.so|nvidia/[^/]*/lib/[^/]*\.so")
for wheel in pathlib.Path(wheels).glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target, [name for name in archive.namelist() if wanted.match(name)])
PYTHON
    # tch links against libtorch.so, which in a build without CUDA is but a name for libtorch_cpu.so. It is made
    # last: where it is, all else is.
    ln -sf libtorch_cpu.so "$dir/torch/lib/libtorch.so"
}

[ -e "$dir/torch/lib/libtorch.so" ] || fetch
say "libtorch is in $dir"

libraries=$dir/torch/lib:$dir/nvidia/cuda_runtime/lib:$dir/nvidia/cuda_cupti/lib
echo "export LIBTORCH='$dir/torch'"
echo "export LIBTORCH_CXX11_ABI=0"
echo "export LD_LIBRARY_PATH='$libraries'\"\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}\""
