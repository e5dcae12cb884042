//! The whole way from a gate file's text to a plan, and to errors.
