//! `loadgate calibrate`: how often does this gate cry wolf here, and what does it find?

mod schedule;
mod summary;
mod text;

#[cfg(test)]
mod simulated;
