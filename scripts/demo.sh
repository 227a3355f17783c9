#!/usr/bin/env bash
# The main job on two small libraries: compile, link with symbols sealed, pack, inspect, run in node.
# ./demo calls this after the build; WASMPACK names another command to use.
set -euo pipefail
cd "$(dirname "$0")/.."
wasmpack=${WASMPACK:-$PWD/build/bin/wasmpack}
sources=$PWD/testdata/demo

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$sources/kernels.toml" "$work"
cd "$work"

step() {
  printf '\n== %s\n' "$1"
  shift
  printf '$'
  printf ' %q' "${1##*/}" "${@:2}"
  printf '\n'
  "$@"
}

printf '== Compile two libraries that know nothing of each other\n'
for source in vector_kernels vector_setup image_kernels image_setup; do
  clang-22 --target=wasm32 -msimd128 -O2 -ffreestanding -c "$sources/$source.c" -o "$source.o"
done
printf 'Both define the function sum_lanes and the weak cell library_context.\n'

step 'Link each into one object; all symbols but its kernels are sealed' \
  "$wasmpack" link --keep-global-symbol=dot --keep-global-symbol=axpy --keep-global-symbol=constructor_runs \
  --keep-global-symbol=context_owner vector_kernels.o vector_setup.o -o vector.o
step 'The other one, by patterns' \
  "$wasmpack" link --keep-global-symbol='inv*' --keep-global-symbol='diff*' --keep-global-symbol='con*' \
  image_kernels.o image_setup.o -o image.o
step 'Pack both into one module: registry, guarded constructors, no dlopen' \
  "$wasmpack" pack kernels.toml -o kernels.wasm
step 'Inspect it' "$wasmpack" inspect kernels.wasm
cp "$sources/run.mjs" .
step 'Run it' node run.mjs kernels.wasm
