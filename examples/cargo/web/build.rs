fn main() {
    wasmpack_build::link_deps();
}
