#!/bin/sh
# Compiles the kernels and packs kernels.wasm, the one bundle that every host of this folder takes.
set -e
cd "$(dirname "$0")"
for name in operations scalar vector; do
  clang-22 --target=wasm32 -O2 -msimd128 -ffreestanding -c "kernels/$name.c" -o "$name.o"
done
wasmpack pack wasmpack.toml --allow-outside -o kernels.wasm
rm operations.o scalar.o vector.o
