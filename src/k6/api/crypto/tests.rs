use super::exports;
use crate::k6::api::harness::check;

/// Vectors of RFC 1320 (MD4), RFC 1321 (MD5), FIPS 180 (SHA) and RIPEMD-160's home page.
#[test]
fn hashes() {
    check(
        exports,
        &[
            ("md4('abc', 'hex')", r#""a448017aaf21d8525fc10ae87aa6729d""#),
            ("md5('message digest', 'hex')", r#""f96b697d7cb7938d525a2f31aaf161d0""#),
            ("ripemd160('abc', 'hex')", r#""8eb208f7e05d987a9b044a8e98c6b087f15a0bfc""#),
            ("sha1('abc', 'hex')", r#""a9993e364706816aba3e25717850c26c9cd0d89d""#),
            ("sha256('abc', 'hex')", r#""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#),
            (
                "sha384('abc', 'hex')",
                r#""cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7""#,
            ),
            (
                "sha512('abc', 'hex')",
                r#""ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f""#,
            ),
            ("sha512_224('abc', 'hex')", r#""4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa""#),
            ("sha512_256('abc', 'hex')", r#""53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23""#),
            ("md5('', 'hex')", r#""d41d8cd98f00b204e9800998ecf8427e""#),
        ],
    );
}

/// Vectors of RFC 2202 and RFC 4231.
#[test]
fn hmacs() {
    let long = "new Uint8Array(131).fill(0xaa).buffer, 'Test Using Larger Than Block-Size Key - Hash Key First'";
    check(
        exports,
        &[
            ("hmac('md5', 'Jefe', 'what do ya want for nothing?', 'hex')", r#""750c783e6ab0b503eaa86e310a5db738""#),
            (
                "hmac('sha1', 'Jefe', 'what do ya want for nothing?', 'hex')",
                r#""effcdf6ae5eb2fa2d27416d5f184df9c259a7c79""#,
            ),
            (
                "hmac('sha256', 'Jefe', 'what do ya want for nothing?', 'hex')",
                r#""5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843""#,
            ),
            (
                "hmac('sha384', new Uint8Array(20).fill(0x0b), 'Hi There', 'hex')",
                r#""afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6""#,
            ),
            (&format!("hmac('sha512', {long}, 'hex').slice(0, 32)"), r#""80b24263c7c1a3ebb71493c1dd7be8b4""#),
        ],
    );
}

#[test]
fn encodings_of_the_result() {
    check(
        exports,
        &[
            ("sha1('abc', 'base64')", r#""qZk+NkcGgWq6PiVxeFDCbJzQ2J0=""#),
            ("sha1('abc', 'base64url')", r#""qZk-NkcGgWq6PiVxeFDCbJzQ2J0=""#),
            ("sha1('abc', 'base64rawurl')", r#""qZk-NkcGgWq6PiVxeFDCbJzQ2J0""#),
            ("sha1('abc', 'binary') instanceof ArrayBuffer", "true"),
            ("hexEncode(sha1('abc', 'binary'))", r#""a9993e364706816aba3e25717850c26c9cd0d89d""#),
            (
                "sha1('abc', 'base32')",
                "!invalid output encoding: 'base32'; there are hex, base64, base64url, base64rawurl and binary",
            ),
            ("sha1('abc')", "!invalid output encoding: ''; there are hex, base64, base64url, base64rawurl and binary"),
        ],
    );
}

#[test]
fn data_may_come_piece_by_piece() {
    check(
        exports,
        &[
            (
                "((h) => { h.update('a'); h.update(new Uint8Array([98]).buffer); h.update('c'); return [h.digest('hex'), h.digest('hex') === sha1('abc', 'hex')] })(createHash('sha1'))",
                r#"["a9993e364706816aba3e25717850c26c9cd0d89d",true]"#,
            ),
            (
                "((h) => { h.update('a'); const before = h.digest('hex'); h.update('bc'); return [before === md5('a', 'hex'), h.digest('hex') === md5('abc', 'hex')] })(createHash('md5'))",
                "[true,true]",
            ),
            (
                "((h) => { h.update('Hi '); h.update('There'); return h.digest('hex') === hmac('sha256', 'k', 'Hi There', 'hex') })(createHMAC('sha256', 'k'))",
                "true",
            ),
        ],
    );
}

#[test]
fn what_is_wrong_is_named() {
    let known = "there are md4, md5, ripemd160, sha1, sha256, sha384, sha512, sha512_224, sha512_256";
    check(
        exports,
        &[
            ("createHash('sha3')", &format!("!invalid algorithm: 'sha3'; {known}")),
            ("hmac('crc', 'k', 'd', 'hex')", &format!("!invalid algorithm: 'crc'; {known}")),
            ("md5(5, 'hex')", "!the first argument of md5() must be a string or an ArrayBuffer, and is int"),
            ("hmac('md5', null, 'd', 'hex')", "!the key must be a string or an ArrayBuffer, and is null"),
            ("hmac('md5', 'k')", "!the data to sign must be a string or an ArrayBuffer, and is missing"),
            ("createHash('md5').update({})", "!update()'s argument must be a string or an ArrayBuffer, and is object"),
            ("randomBytes(0)", "!invalid size: randomBytes() takes a number from 1 to 1073741824"),
        ],
    );
}

#[test]
fn random_bytes() {
    check(
        exports,
        &[
            ("randomBytes(16).byteLength", "16"),
            ("hexEncode(randomBytes(16)) === hexEncode(randomBytes(16))", "false"),
            ("hexEncode(new Uint8Array([0, 171, 255]))", r#""00abff""#),
        ],
    );
}
