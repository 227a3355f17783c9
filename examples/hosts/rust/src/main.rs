// Calls the bundle in wasmtime: cargo run -- kernels.wasm
use wasmtime::{Engine, Instance, Memory, Module, Ref, Result, Store, TypedFunc, WasmParams, WasmResults};

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::from_file(&engine, std::env::args().nth(1).expect("the bundle's file"))?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let mut host = Host { memory: instance.get_memory(&mut store, "memory").expect("a memory"), instance, store };
    host.call::<(), ()>("_initialize", ())?; // runs the constructors; later calls do nothing

    println!("registered {}", host.call::<(), i32>("registered", ())?);
    println!("add {}", host.call::<(i32, i32), i32>("scalar_add", (40, 2))?);
    println!("gcd {}", host.call::<(i64, i64), i64>("scalar_gcd", (54, 24))?);
    println!("mix {}", host.call::<(f64, f64, f64), f64>("scalar_mix", (2.0, 4.0, 0.25))?);
    println!("ramp {}", host.call::<(), f32>("vector_ramp", ())?);

    let (x, y) = (host.put(&[1., 2., 3., 4., 5.])?, host.put(&[10., 20., 30., 40., 50.])?);
    host.call::<(f32, u32, u32, i32), ()>("vector_axpy", (2.0, x, y, 5))?;
    println!("axpy {}", join(&host.floats(y, 5)));

    let data: Vec<f32> = (0..128).map(|i| (i % 9 - 4) as f32).collect();
    let (data, result) = (host.put(&data)?, host.put(&[0.0; 144])?);
    let (weight, bias) = (host.param("net.weight")?, host.param("net.bias")?);
    let tensors = [
        host.tensor(data, &[1, 2, 8, 8])?,
        host.tensor(weight, &[4, 2, 3, 3])?,
        host.tensor(bias, &[4])?,
        host.tensor(result, &[1, 4, 6, 6])?,
    ];
    let args = host.alloc(16 * 5)?; // four arguments, and the place of the result
    let words: Vec<u32> = tensors.iter().flat_map(|&at| [7, 0, at, 0]).chain([0; 4]).collect();
    host.write(args, &words)?;
    let conv2d = host.find::<(u32, u32, u32, u32), i32>("net_conv2d")?;
    assert_eq!(conv2d.call(&mut host.store, (0, args, 4, args + 64))?, 0);
    let values = host.floats(result, 144);
    println!("conv2d {} sum {}", join(&values[..6]), values.iter().sum::<f32>());
    Ok(())
}

fn join(values: &[f32]) -> String {
    values.iter().map(f32::to_string).collect::<Vec<_>>().join(" ")
}

/// What docs/bundle-abi.md says, in wasmtime's words. Addresses are unsigned; all numbers are little endian.
struct Host {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

impl Host {
    fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, parameters: P) -> Result<R> {
        self.instance.get_typed_func::<P, R>(&mut self.store, name)?.call(&mut self.store, parameters)
    }

    fn alloc(&mut self, size: usize) -> Result<u32> {
        let at = self.call::<(u32, u32), u32>("wasmpack_alloc", (size as u32, 64))?;
        assert!(at != 0, "no memory");
        Ok(at)
    }

    fn write(&mut self, at: u32, words: &[u32]) -> Result<()> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        Ok(self.memory.write(&mut self.store, at as usize, &bytes)?)
    }

    fn put(&mut self, values: &[f32]) -> Result<u32> {
        let at = self.alloc(4 * values.len())?;
        let words: Vec<u32> = values.iter().map(|value| value.to_bits()).collect();
        self.write(at, &words)?;
        Ok(at)
    }

    fn words(&self, at: u32, count: usize) -> Vec<u32> {
        let bytes = &self.memory.data(&self.store)[at as usize..][..4 * count];
        bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
    }

    fn floats(&self, at: u32, count: usize) -> Vec<f32> {
        self.words(at, count).into_iter().map(f32::from_bits).collect()
    }

    /// A kernel by a name that is known only when the host runs.
    fn find<P: WasmParams, R: WasmResults>(&mut self, name: &str) -> Result<TypedFunc<P, R>> {
        let at = self.alloc(name.len())?;
        self.memory.write(&mut self.store, at as usize, name.as_bytes())?;
        let handle = self.call::<(u32, u32), i32>("wasmpack_find", (at, name.len() as u32))?;
        self.call::<u32, ()>("wasmpack_free", at)?;
        let slot = self.call::<i32, u32>("wasmpack_entry", handle)?;
        let table = self.instance.get_table(&mut self.store, "__indirect_function_table").expect("a table");
        match table.get(&mut self.store, slot.into()) {
            Some(Ref::Func(Some(function))) => function.typed(&self.store),
            _ => panic!("no kernel {name}"),
        }
    }

    /// The address of a param that lies in the bundle.
    fn param(&mut self, name: &str) -> Result<u32> {
        let bundle = self.call::<u32, u32>("wasmpack_query", 1)?;
        let head = self.words(bundle, 12);
        for i in 0..head[10] {
            let row = self.words(head[11] + 28 * i, 3);
            if &self.memory.data(&self.store)[row[0] as usize..][..row[1] as usize] == name.as_bytes() {
                return Ok(row[2]);
            }
        }
        panic!("no param {name}")
    }

    /// A DLTensor of float32 (docs/tvm.md): 40 bytes, and its shape behind it.
    fn tensor(&mut self, data: u32, shape: &[u32]) -> Result<u32> {
        let at = self.alloc(40 + 8 * shape.len())?;
        let mut words = vec![data, 1, 0, shape.len() as u32, 0x12002, at + 40, 0, 0, 0, 0];
        words.extend(shape.iter().flat_map(|&size| [size, 0]));
        self.write(at, &words)?;
        Ok(at)
    }
}
