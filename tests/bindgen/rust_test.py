# ctest: timeout=300
"""The Rust binding: compiled by Debian's rustc with -D warnings, run against a real bundle in node.

The host of these tests implements the binding's trait over a pipe to host.mjs."""

import unittest

from bindgen_case import HERE, BindgenTest

RUSTC = "/usr/bin/rustc"  # Debian's; another may come first in PATH

HOST = """
mod bundle;
use bundle::{Bundle, Error, Host, Value};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

struct Node { child: Child, answers: BufReader<ChildStdout> }

impl Node {
    fn start() -> Node {
        let mut child = Command::new("node").args(&["HOST", "k.wasm"]).stdin(Stdio::piped()).stdout(Stdio::piped())
            .spawn().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Node { child, answers }
    }

    fn ask(&mut self, request: String) -> Result<String, String> {
        writeln!(self.child.stdin.as_mut().unwrap(), "{}", request).unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        match line.trim_end().strip_prefix("ok") {
            Some(rest) => Ok(rest.trim_start().to_string()),
            None => Err(line),
        }
    }

    fn run(&mut self, mut request: String, args: &[Value], results: &mut [Value]) -> Result<(), String> {
        for arg in args {
            request += &match *arg {
                Value::I32(value) => format!(" i{}", value),
                Value::I64(value) => format!(" I{}", value),
                Value::F32(value) => format!(" f{}", value.to_bits()),
                Value::F64(value) => format!(" F{}", value.to_bits()),
            };
        }
        request += " ";
        for result in results.iter() {
            request.push(match result { Value::I32(_) => 'i', Value::I64(_) => 'I', Value::F32(_) => 'f', Value::F64(_) => 'F' });
        }
        if results.is_empty() { request += "-"; }
        let answer = self.ask(request)?;
        for (result, word) in results.iter_mut().zip(answer.split(' ')) {
            let number = &word[1..];
            *result = match result {
                Value::I32(_) => Value::I32(number.parse().unwrap()),
                Value::I64(_) => Value::I64(number.parse().unwrap()),
                Value::F32(_) => Value::F32(f32::from_bits(number.parse().unwrap())),
                Value::F64(_) => Value::F64(f64::from_bits(number.parse().unwrap())),
            };
        }
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String { bytes.iter().map(|byte| format!("{:02x}", byte)).collect() }

impl Host for Node {
    type Error = String;
    fn call(&mut self, export: &str, args: &[Value], results: &mut [Value]) -> Result<(), String> {
        self.run(format!("call {}", hex(export.as_bytes())), args, results)
    }
    fn call_slot(&mut self, slot: u32, args: &[Value], results: &mut [Value]) -> Result<(), String> {
        self.run(format!("slot {}", slot), args, results)
    }
    fn read(&mut self, address: u32, into: &mut [u8]) -> Result<(), String> {
        let answer = self.ask(format!("read {} {}", address, into.len()))?;
        for (i, byte) in into.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&answer[2 * i..2 * i + 2], 16).unwrap();
        }
        Ok(())
    }
    fn write(&mut self, address: u32, from: &[u8]) -> Result<(), String> {
        self.ask(format!("write {} {}", address, hex(from))).map(|_| ())
    }
}
"""
MAIN = HOST + """
fn main() -> Result<(), Error<String>> {
    let mut bundle = Bundle::new(Node::start())?;
    let sum: i32 = bundle.m_add(1, 2)?;
    let product: i64 = bundle.m_multiply(-3000000000, 3)?;
    let scaled: f32 = bundle.m_scale(1.5, 2.0)?;
    let (quotient, rest): (i32, f64) = bundle.m_divide(17, 5)?;
    println!("{} {} {} {} {}", sum, product, scaled, quotient, rest);

    bundle.m_report(7, 0.25)?;
    println!("{}", bundle.host.ask("log".to_string()).unwrap());
    let bytes: Vec<u8> = [1f32, -2.0, 3.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    let x = bundle.put(&bytes, 16)?;
    let y = bundle.alloc(12, 16)?;
    bundle.t_relu(x as i32, y as i32, 3)?;
    let mut relu = [0u8; 12];
    bundle.read(y, &mut relu)?;
    println!("{}", hex(&relu));
    bundle.free(x)?;
    bundle.free(y)?;

    println!("{}", bundle.slot("m_add")? != 0);
    println!("{:?}", bundle.find("m_ad").map_err(|error| matches!(error, Error::UnknownKernel(name) if name == "m_ad")));
    println!("{}", matches!(bundle.m_crash(), Err(Error::Host(_))));
    println!("{:?} {:?}", bundle.error(None)?, bundle.param("conv1.weight")?);
    let info = bundle::kernels::t_relu;
    println!("{} {} {:?} {:?}", info.name, info.signature, info.args, bundle::LIBRARIES);
    println!("{:?}", bundle::PARAMS.iter().map(|param| (param.tensor.dtype, param.tensor.shape, param.bytes, param.file))
        .collect::<Vec<_>>());
    println!("{} {} {:?}", bundle::PACKAGE_NAME, bundle::PACKAGE_VERSION, bundle::IMPORTS);
    Ok(())
}
"""
# 1, 0, 3 as floats are 3f800000, 0, 40400000.
EXPECTED = """\
1003 -9000000000 3 3 2
7:0.25
0000803f0000000000004040
true
Err(true)
true
None None
t_relu (i32,i32,i32)->() [Tensor { name: "x", dtype: Float32, shape: [-1, 3, 224, 224], layout: "NCHW" }] ["math", "tensors"]
[(Int64, [7], 56, Some("bias.bin")), (BFloat16, [64, 3], 384, None), (UInt8, [], 1, None)]
test 1.0.0 [Import { module: "env", name: "log", signature: "(i32,f64)->()" }]
"""


class Rust(BindgenTest):
    def compile_and_run(self, main, edition="2021"):
        self.bindgen("rust")
        self.write("main.rs", main.replace("HOST", str(HERE / "host.mjs")))
        self.run_tool(RUSTC, f"--edition={edition}", "-D", "warnings", "-o", "main", "main.rs")
        return self.run_tool("./main").stdout

    def test_it_runs(self):
        self.declare_tensors(self.make_bundle())
        self.assertEqual(self.compile_and_run(MAIN), EXPECTED)

    def test_kernels_that_are_no_exports_in_the_oldest_edition(self):
        self.declare_tensors(self.make_bundle(bundle="export-kernels = false"))
        self.assertEqual(self.compile_and_run(MAIN, edition="2018"), EXPECTED)

    def test_a_bundle_by_hand(self):
        self.make_bundle_by_hand()
        text = self.compile_and_run(HOST + """
            fn main() -> Result<(), Error<String>> {
                let mut bundle = Bundle::new(Node::start())?;
                println!("{} {:?}", bundle.peek()?, bundle.error(Some(0))?);
                println!("{}", matches!(bundle.alloc(8, 16), Err(Error::OutOfMemory(8))));
                for name in ["conv1.weight", "bias", "weight"].iter() { println!("{:?}", bundle.param(name)?); }
                bundle.host.ask("log".to_string()).unwrap();
                Ok(())
            }
            """)
        self.assertEqual(text, '43 Some("it failed")\ntrue\nSome((4096, 384))\nNone\nNone\n')

    def test_hostile_names(self):
        self.add_hostile_names(self.make_bundle())
        text = self.bindgen("rust").read_text()
        constants = [line.split()[2].rstrip(":") for line in text.splitlines() if line.endswith(" = KernelInfo {")]
        rows = "".join(f"show(bundle::kernels::{name});\n" for name in constants)
        main = ("mod bundle;\nfn hex(text: &str) -> String { text.bytes().map(|byte| format!(\"{:02x}\", byte)).collect() }\n"
                "fn show(info: bundle::KernelInfo) {\n"
                "    println!(\"{}:{}\", hex(info.name), info.args.get(0).map_or(hex(info.name), |arg| hex(arg.layout)));\n}\n"
                "fn main() {\n" + rows +
                "for param in bundle::PARAMS { println!(\"{}:{}\", hex(param.tensor.name), hex(param.file.unwrap())); }\n"
                "println!(\"{}\", bundle::PACKAGE_NAME == bundle::LIBRARIES[0]);\n}\n")
        lines = self.compile_and_run(main).splitlines()
        names = self.kernel_names()
        names += sorted((n for n in names if n[:2] not in ("m_", "t_")), key=lambda name: name.encode())
        self.assertEqual(lines, [f"{name.encode().hex()}:{name.encode().hex()}" for name in names] + ["true"])


if __name__ == "__main__":
    unittest.main()
