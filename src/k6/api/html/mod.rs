//! `k6/html`: `parseHTML` and the `Selection` and `Element` that come of it.
//!
//! A page is parsed and kept in Rust; what a script holds is a page and the numbers of nodes in it. The classes over that
//! are JavaScript, loaded only by a virtual user that parses a page.

mod binding;
mod dom;
mod form;
mod parse;
mod select;
mod selector;
mod serialize;

pub use binding::{NAMES, exports, selection};
pub use dom::{DOCUMENT, Dom, NodeId};
pub use form::{FieldValue, Form, link, resolve};

#[cfg(test)]
mod tests;
