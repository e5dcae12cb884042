//! k6's modules, as scripts import them.
//!
//! Each has `NAMES`, what it exports, and `exports(ctx)`, which builds it; a global has `install(ctx)`. A virtual user is an
//! engine of its own, so nothing is built before a script imports or names it.

pub mod crypto;
pub mod encoding;
pub mod html;
pub mod jslib;
pub mod random;
pub mod text_encoding;
pub mod url;
pub mod webcrypto;

mod argument;
#[cfg(test)]
mod harness;
mod lazy;

use argument::{bytes_of, text_of};
use lazy::{Script, global};
