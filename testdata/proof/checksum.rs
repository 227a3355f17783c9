// Rust without its standard library: a table that is computed at compile time, and what comes from core.
#![no_std]
#![crate_type = "staticlib"]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

const fn make_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut value = i as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 != 0 { 0xedb88320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[i] = value;
        i += 1;
    }
    table
}
static TABLE: [u32; 256] = make_table();

/// The CRC-32 of zip files.
#[no_mangle]
pub unsafe extern "C" fn crc32(bytes: *const u8, count: usize) -> u32 {
    let bytes = core::slice::from_raw_parts(bytes, count);
    !bytes.iter().fold(!0, |crc, byte| TABLE[((crc ^ *byte as u32) & 255) as usize] ^ (crc >> 8))
}

/// The middle value of at most 64, the upper one of two.
#[no_mangle]
pub unsafe extern "C" fn median(values: *const f32, count: usize) -> f32 {
    let mut sorted = [0.0; 64];
    let sorted = &mut sorted[..count];
    sorted.copy_from_slice(core::slice::from_raw_parts(values, count));
    sorted.sort_unstable_by(f32::total_cmp);
    sorted[count / 2]
}
