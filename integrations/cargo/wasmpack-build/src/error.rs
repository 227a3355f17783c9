//! What goes wrong, as text for the person who runs cargo.

use std::fmt;

/// Why a library or bundle could not be built; its text says what to do.
#[derive(Debug)]
pub struct Error {
    message: String,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Error {
        Error {
            message: message.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Ends the build script with the error's text, without the noise of a panic.
pub(crate) fn or_exit<T>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("error: {}", error);
        std::process::exit(1)
    })
}
