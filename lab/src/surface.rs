//! What a browser calls: room for a task, its computation, and where the answer stands.
//!
//! A module imports one function, which is told of progress. Numbers are places and lengths in the module's memory, in bytes.

#![allow(unsafe_code, reason = "a name that a browser finds is an unsafe attribute; no block here is unsafe")]

use std::sync::Mutex;

use octavo_plugin::Progress;

/// The bytes that are handed over: a task, then the answer.
static TEXT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Makes room for a task of so many bytes, and says where.
#[unsafe(no_mangle)]
pub extern "C" fn octavo_room(bytes: usize) -> usize {
    write(vec![0; bytes])
}

/// Computes the task that was written there, and says where its answer stands.
#[unsafe(no_mangle)]
pub extern "C" fn octavo_run() -> usize {
    std::panic::set_hook(Box::new(|info| {
        // The browser reads it after the trap that follows.
        write(info.to_string().into_bytes());
    }));
    let task = TEXT.lock().map(|mut text| std::mem::take(&mut *text)).unwrap_or_default();
    write(crate::answered(&task, &Told))
}

/// Where the text stands now.
#[unsafe(no_mangle)]
pub extern "C" fn octavo_text() -> usize {
    TEXT.lock().map(|text| text.as_ptr().addr()).unwrap_or_default()
}

/// Its length.
#[unsafe(no_mangle)]
pub extern "C" fn octavo_length() -> usize {
    TEXT.lock().map(|text| text.len()).unwrap_or_default()
}

fn write(bytes: Vec<u8>) -> usize {
    let place = bytes.as_ptr().addr();
    if let Ok(mut text) = TEXT.lock() {
        *text = bytes;
    }
    place
}

/// Hands progress to the browser.
struct Told;

impl Progress for Told {
    fn report(&self, done: u64, total: u64) {
        host::octavo_progress(done as f64, total as f64);
    }
}

#[cfg(target_family = "wasm")]
mod host {
    #[link(wasm_import_module = "octavo")]
    unsafe extern "C" {
        pub(super) safe fn octavo_progress(done: f64, total: f64);
    }
}

/// What `f64::mul_add` calls, in place of the library's, which is many times slower.
#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
extern "C" fn fma(x: f64, y: f64, z: f64) -> f64 {
    crate::fma::fma(x, y, z)
}

/// The same in single precision.
#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
extern "C" fn fmaf(x: f32, y: f32, z: f32) -> f32 {
    crate::fma::fmaf(x, y, z)
}

#[cfg(not(target_family = "wasm"))]
mod host {
    pub(super) fn octavo_progress(_done: f64, _total: f64) {}
}
