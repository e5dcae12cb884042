use super::{exports, install};
use crate::k6::api::harness::{check, check_global};

#[test]
fn a_url_has_parts_that_can_be_read() {
    check(
        exports,
        &[
            (
                "new URL('HTTPS://User:pw@Example.com:443/a/../b?q=1#h').href",
                r#""https://User:pw@example.com/b?q=1#h""#,
            ),
            (
                "((u) => [u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash])(new URL('http://u:p@h.example:8080/a%20b?x=1&y=2#z'))",
                r##"["http://h.example:8080","http:","u","p","h.example:8080","h.example","8080","/a%20b","?x=1&y=2","#z"]"##,
            ),
            ("new URL('../c?d', 'http://h/a/b/').href", r#""http://h/a/c?d""#),
            ("String(new URL('http://h'))", r#""http://h/""#),
            ("({ u: new URL('http://h/é') })", r#"{"u":"http://h/%C3%A9"}"#),
            ("new URL('/only')", "!Invalid URL: '/only': relative URL without a base"),
            ("new URL('/a', 'nope')", "!the base 'nope' is no URL: relative URL without a base"),
            ("[URL.canParse('x:y'), URL.canParse('/y')]", "[true,false]"),
        ],
    );
}

#[test]
fn parts_can_be_changed() {
    check(
        exports,
        &[
            (
                "((u) => { u.pathname = '/x y'; u.hash = 'z'; u.port = '81'; return u.href })(new URL('http://h/a'))",
                r##""http://h:81/x%20y#z""##,
            ),
            (
                "((u) => { u.search = '?a=1'; return [u.href, u.searchParams.get('a')] })(new URL('http://h/'))",
                r#"["http://h/?a=1","1"]"#,
            ),
            (
                "((u) => { u.searchParams.append('q', 'a b&c'); return u.href })(new URL('http://h/'))",
                r#""http://h/?q=a+b%26c""#,
            ),
            (
                "((u) => { const p = u.searchParams; u.search = 'z=9'; return [p.get('z'), p === u.searchParams] })(new URL('http://h/?a=1'))",
                r#"["9",true]"#,
            ),
            (
                "((u) => { u.href = 'http://other/?k=v'; return u.searchParams.get('k') })(new URL('http://h/'))",
                r#""v""#,
            ),
        ],
    );
}

#[test]
fn search_params() {
    check(
        exports,
        &[
            ("new URLSearchParams('?a=1&a=2&b=x+y%21').getAll('a')", r#"["1","2"]"#),
            ("new URLSearchParams({ a: 1, b: 'ü' }).toString()", r#""a=1&b=%C3%BC""#),
            ("new URLSearchParams([['a', 1], ['b', 2]]).toString()", r#""a=1&b=2""#),
            ("new URLSearchParams([['a']])", "!each pair must be a name and a value"),
            (
                "((p) => { p.set('a', 3); p.append('c', 4); p.delete('b'); return p.toString() })(new URLSearchParams('a=1&b=2&a=5'))",
                r#""a=3&c=4""#,
            ),
            (
                "((p) => [p.get('no'), p.has('a'), p.has('a', '2'), p.size])(new URLSearchParams('a=1'))",
                "[null,true,false,1]",
            ),
            (
                "((p) => { p.sort(); return [...p] })(new URLSearchParams('b=1&a=2&b=0'))",
                r#"[["a","2"],["b","1"],["b","0"]]"#,
            ),
            (
                "((p) => { const seen = []; p.forEach((value, name) => seen.push(name + value)); return seen })(new URLSearchParams('a=1&b=2'))",
                r#"["a1","b2"]"#,
            ),
            (
                "[...new URLSearchParams('a=1&b=2').keys()].join() + [...new URLSearchParams('a=1&b=2').values()].join()",
                r#""a,b1,2""#,
            ),
        ],
    );
}

#[test]
fn the_globals_know_each_other() {
    check_global(
        install,
        &[
            ("new URL('http://h/?a=1').searchParams instanceof URLSearchParams", "true"),
            ("(URLSearchParams, new URL('http://h/').searchParams instanceof URLSearchParams)", "true"),
            ("typeof URL", r#""function""#),
        ],
    );
}
