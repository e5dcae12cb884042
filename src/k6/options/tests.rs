//! From options to scenarios.
