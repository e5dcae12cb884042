//! The real binary against nginx, which is the server that most deployments stand behind.
//!
//! It runs where `LOADGATE_TESTS_WITH_NGINX=1` says that nginx is there, and fails if it isn't.

mod http2;
mod server;
