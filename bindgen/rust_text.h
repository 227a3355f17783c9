// The part of a Rust binding that is the same for every bundle.
#pragma once

#include <string_view>

namespace wasmpack {

inline constexpr std::string_view kRustRuntime = R"rs(
/// The bundle in a host's hands. An i32 that is an address is unsigned: cast it.
pub struct Bundle<H: Host> {
    pub host: H,
}

impl<H: Host> Bundle<H> {
    /// Takes an instance and runs its constructors (`_initialize`).
    pub fn new(host: H) -> Result<Self, Error<H::Error>> {
        let mut bundle = Bundle { host };
        bundle.host.call("_initialize", &[], &mut [])?;
        Ok(bundle)
    }

    fn word(&mut self, export: &str, args: &[Value]) -> Result<i32, Error<H::Error>> {
        let mut results = [Value::I32(0)];
        self.host.call(export, args, &mut results)?;
        match results[0] {
            Value::I32(value) => Ok(value),
            _ => Err(Error::WrongType),
        }
    }

    fn invoke(&mut self, name: &str, exported: bool, args: &[Value], results: &mut [Value]) -> Result<(), Error<H::Error>> {
        if exported {
            return Ok(self.host.call(name, args, results)?);
        }
        let slot = self.slot(name)?;
        Ok(self.host.call_slot(slot, args, results)?)
    }

    /// The handle of a kernel, by its name in the registry.
    pub fn find(&mut self, name: &str) -> Result<u32, Error<H::Error>> {
        let at = self.put(name.as_bytes(), 1)?;
        let handle = self.word("wasmpack_find", &[Value::I32(at as i32), Value::I32(name.len() as i32)])?;
        self.free(at)?;
        if handle < 0 {
            return Err(Error::UnknownKernel(name.to_string()));
        }
        Ok(handle as u32)
    }

    /// Where a kernel is in the table.
    pub fn slot(&mut self, name: &str) -> Result<u32, Error<H::Error>> {
        let handle = self.find(name)?;
        Ok(self.word("wasmpack_entry", &[Value::I32(handle as i32)])? as u32)
    }

    /// The address of new memory; `align` is a power of two up to 65536.
    pub fn alloc(&mut self, size: usize, align: u32) -> Result<u32, Error<H::Error>> {
        if size > u32::MAX as usize {
            return Err(Error::OutOfMemory(size));
        }
        match self.word("wasmpack_alloc", &[Value::I32(size as i32), Value::I32(align as i32)])? {
            0 => Err(Error::OutOfMemory(size)),
            at => Ok(at as u32),
        }
    }

    pub fn free(&mut self, address: u32) -> Result<(), Error<H::Error>> {
        Ok(self.host.call("wasmpack_free", &[Value::I32(address as i32)], &mut [])?)
    }

    /// The address of a copy of some bytes.
    pub fn put(&mut self, bytes: &[u8], align: u32) -> Result<u32, Error<H::Error>> {
        let at = self.alloc(bytes.len(), align)?;
        self.host.write(at, bytes)?;
        Ok(at)
    }

    pub fn read(&mut self, address: u32, into: &mut [u8]) -> Result<(), Error<H::Error>> {
        Ok(self.host.read(address, into)?)
    }

    pub fn write(&mut self, address: u32, from: &[u8]) -> Result<(), Error<H::Error>> {
        Ok(self.host.write(address, from)?)
    }

    /// The text of the last failed call of a library, or of any library; None if there is none.
    pub fn error(&mut self, library: Option<u32>) -> Result<Option<String>, Error<H::Error>> {
        let library = library.map_or(-1, |index| index as i32);
        let mut at = self.word("wasmpack_error", &[Value::I32(library)])? as u32;
        if at == 0 {
            return Ok(None);
        }
        let mut text = Vec::new();
        loop {
            let mut byte = [0u8];
            self.host.read(at, &mut byte)?;
            if byte[0] == 0 {
                return Ok(Some(String::from_utf8_lossy(&text).into_owned()));
            }
            text.push(byte[0]);
            at = at.wrapping_add(1);
        }
    }

    /// Address and size in bytes of a param; None: the bundle does not hold it.
    pub fn param(&mut self, name: &str) -> Result<Option<(u32, u32)>, Error<H::Error>> {
        let registry = self.word("wasmpack_query", &[Value::I32(1)])? as u32;
        if registry == 0 {
            return Ok(None);
        }
        let mut words = [0u32; 4];
        self.read_words(registry.wrapping_add(40), &mut words[..2])?;
        let (count, params) = (words[0], words[1]);
        for i in 0..count {
            self.read_words(params.wrapping_add(i.wrapping_mul(28)), &mut words)?;
            if words[1] as usize != name.len() {
                continue;
            }
            let mut found = vec![0u8; name.len()];
            self.host.read(words[0], &mut found)?;
            if found == name.as_bytes() {
                return Ok(if words[2] == 0 { None } else { Some((words[2], words[3])) });
            }
        }
        Ok(None)
    }

    fn read_words(&mut self, address: u32, words: &mut [u32]) -> Result<(), Error<H::Error>> {
        let mut bytes = [0u8; 4];
        for (i, word) in words.iter_mut().enumerate() {
            self.host.read(address.wrapping_add(4 * i as u32), &mut bytes)?;
            *word = u32::from_le_bytes(bytes);
        }
        Ok(())
    }
}
)rs";

}  // namespace wasmpack
