//! k6 summaries.
