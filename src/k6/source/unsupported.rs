//! Modules of k6 that are not there, and what to do without each.

/// Each module and the cure; a name that ends in `/` stands for all beneath it.
const MODULES: &[(&str, &str)] = &[
    ("k6/browser", "it drives a browser: run that script with k6, and load the requests behind the page here"),
    (
        "k6/experimental/browser",
        "it drives a browser: run that script with k6, and load the requests behind the page here",
    ),
    ("k6/net/grpc", "only HTTP is loaded here: run the scenarios that need gRPC with k6"),
    ("k6/experimental/grpc", "only HTTP is loaded here: run the scenarios that need gRPC with k6"),
    ("k6/ws", "WebSockets are not loaded here: run the scenarios that need them with k6"),
    ("k6/websockets", "WebSockets are not loaded here: run the scenarios that need them with k6"),
    ("k6/experimental/websockets", "WebSockets are not loaded here: run the scenarios that need them with k6"),
    (
        "k6/experimental/redis",
        "there is no Redis client here: read the data by open() or fetch it over HTTP in setup()",
    ),
    ("k6/experimental/fs", "read the file by open(), and share what you make of it in a SharedArray"),
    ("k6/experimental/streams", "read the whole file by open(), or the whole body of a response"),
    ("k6/experimental/csv", "read the file by open() and split its lines in a SharedArray"),
    ("k6/experimental/tracing", "set the header `traceparent` in the requests' params"),
    ("k6/secrets", "pass secrets by `-e NAME=VALUE` and read them from __ENV"),
    ("k6/x/", "extensions are compiled into k6 and can't be loaded here: run the scenarios that need this one with k6"),
];

/// Modules that have moved: the old name and the new one.
const MOVED: &[(&str, &str)] =
    &[("k6/experimental/timers", "k6/timers"), ("k6/experimental/webcrypto", "k6/webcrypto")];

/// Why a module can't be imported: the cure, if it is one of k6 that is not there.
pub(super) fn cure(module: &str) -> Option<&'static str> {
    let is = |name: &str| module == name || (name.ends_with('/') && module.starts_with(name));
    MODULES.iter().find(|(name, _)| is(name)).map(|(_, cure)| *cure)
}

/// The name under which a module of k6 is known today.
pub(super) fn today(module: &str) -> &str {
    MOVED.iter().find(|(old, _)| *old == module).map_or(module, |(_, new)| new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_has_a_cure() {
        for (name, expected) in MODULES {
            let module = if name.ends_with('/') { format!("{name}anything/deep") } else { (*name).to_owned() };
            assert_eq!(cure(&module), Some(*expected), "{module}");
        }
        for module in ["k6", "k6/http", "k6/x", "k6/wss", "k6/browser/x"] {
            assert_eq!(cure(module), None, "{module}");
        }
    }

    #[test]
    fn what_moved_is_found_under_its_new_name() {
        assert_eq!(today("k6/experimental/timers"), "k6/timers");
        assert_eq!(today("k6/experimental/webcrypto"), "k6/webcrypto");
        assert_eq!(today("k6/http"), "k6/http");
    }
}
