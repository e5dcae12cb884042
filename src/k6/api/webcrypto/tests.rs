use super::install;
use crate::k6::api::harness::check_global;

/// What the rows use: hexadecimal and text to bytes.
fn check(rows: &[(&str, &str)]) {
    let rows: Vec<(String, &str)> = rows
        .iter()
        .map(|(script, expected)| {
            let script = format!(
                "(async () => {{ const hex = (b) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, '0')).join(''); \
                 const text = (t) => Uint8Array.from(t, (c) => c.charCodeAt(0)); const s = crypto.subtle; \
                 const hmac = (hash, ...usages) => s.importKey('raw', text('key'), {{ name: 'HMAC', hash }}, true, usages); \
                 const aes = (bytes) => s.importKey('raw', new Uint8Array(bytes), 'AES-GCM', true, ['encrypt', 'decrypt']); \
                 const iv = new Uint8Array(12); \
                 try {{ return await ({script}) }} catch (e) {{ throw e.name + ': ' + e.message }} }})()"
            );
            (script, *expected)
        })
        .collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(script, expected)| (script.as_str(), *expected)).collect();
    check_global(install, &rows);
}

#[test]
fn digests() {
    check(&[
        ("hex(await s.digest('SHA-1', text('abc')))", r#""a9993e364706816aba3e25717850c26c9cd0d89d""#),
        (
            "hex(await s.digest({ name: 'sha-256' }, text('abc').buffer))",
            r#""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#,
        ),
        ("s.digest('SHA-512', text('')).then((b) => b.byteLength)", "64"),
        ("s.digest('SHA-1', text('')) instanceof Promise", "true"),
        (
            "s.digest('MD5', text('abc'))",
            "!NotSupportedError: the algorithm \"MD5\" isn't supported for the operation \"digest\"",
        ),
        ("s.digest('SHA-1', 'abc')", "!TypeError: data must be an ArrayBuffer, TypedArray, or DataView"),
    ]);
}

#[test]
fn hmac_signs_and_verifies() {
    check(&[
        (
            "hex(await s.sign('HMAC', await hmac('SHA-1', 'sign'), text('msg')))",
            r#""102900b72b7bf1031eec76b4804b66052376896b""#,
        ),
        (
            "await (async (k) => s.verify('HMAC', k, await s.sign('HMAC', k, text('msg')), text('msg')))(await hmac('SHA-256', 'sign', 'verify'))",
            "true",
        ),
        ("s.verify('HMAC', await hmac('SHA-256', 'verify'), new Uint8Array(32), text('msg'))", "false"),
        (
            "s.sign('HMAC', await hmac('SHA-256', 'verify'), text(''))",
            "!InvalidAccessError: key does not contain the 'sign' usage",
        ),
        ("hmac('SHA-256')", "!SyntaxError: a secret key needs at least one usage"),
        ("hmac('SHA-256', 'encrypt')", "!SyntaxError: invalid key usage: encrypt"),
    ]);
}

/// As k6 seals the same.
#[test]
fn aes_gcm_seals_and_opens() {
    check(&[
        (
            "hex(await s.encrypt({ name: 'AES-GCM', iv, additionalData: new Uint8Array(3) }, await aes(16), text('hello')))",
            r#""6bedb6a20f15b3f0c478b7459059a10f293fcf8756""#,
        ),
        (
            "hex(await s.decrypt({ name: 'AES-GCM', iv }, await aes(32), await s.encrypt({ name: 'AES-GCM', iv }, await aes(32), text('hello'))))",
            r#""68656c6c6f""#,
        ),
        (
            "s.decrypt({ name: 'AES-GCM', iv }, await aes(16), new Uint8Array(30))",
            "!OperationError: could not decrypt ciphertext",
        ),
        (
            "s.encrypt({ name: 'AES-GCM' }, await aes(16), text(''))",
            "!NotSupportedError: AES-GCM needs an iv of 12 bytes",
        ),
        ("aes(24)", "!NotSupportedError: an AES key of 192 bits isn't supported; use 128 or 256"),
    ]);
}

#[test]
fn keys_go_out_and_come_in() {
    check(&[
        (
            "s.exportKey('jwk', await aes(16))",
            r#"{"k":"AAAAAAAAAAAAAAAAAAAAAA","kty":"oct","ext":true,"key_ops":["encrypt","decrypt"],"alg":"A128GCM"}"#,
        ),
        (
            "s.importKey('jwk', { kty: 'oct', k: 'AAECAw', alg: 'HS256' }, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])",
            r#"{"type":"secret","extractable":false,"algorithm":{"name":"HMAC","hash":{"name":"SHA-256"},"length":32},"usages":["sign"]}"#,
        ),
        ("s.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']).then((k) => k.algorithm.length)", "512"),
        (
            "s.exportKey('raw', await s.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt'])).then((b) => b.byteLength)",
            "32",
        ),
        (
            "s.exportKey('raw', await s.importKey('raw', text('k'), 'PBKDF2', false, ['deriveBits']))",
            "!InvalidAccessError: the key is not extractable",
        ),
    ]);
}

/// As k6 derives the same.
#[test]
fn pbkdf2_derives() {
    let key = "await s.importKey('raw', text('pw'), 'PBKDF2', false, ['deriveBits', 'deriveKey'])";
    let by = "{ name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(8), iterations: 10 }";
    let expected = r#""7a27a70068406acd64eed535712c4868c0d121f9870fd975bd448948ceac7709""#;
    check(&[
        (&format!("hex(await s.deriveBits({by}, {key}, 256))"), expected),
        (
            &format!(
                "hex(await s.exportKey('raw', await s.deriveKey({by}, {key}, {{ name: 'AES-GCM', length: 256 }}, true, ['encrypt'])))"
            ),
            expected,
        ),
    ]);
}

#[test]
fn random_values() {
    check(&[
        ("/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())", "true"),
        ("((a) => crypto.getRandomValues(a) === a && a.some((n) => n > 255))(new Uint32Array(16))", "true"),
        (
            "crypto.getRandomValues(new Float32Array(1))",
            "!TypeMismatchError: getRandomValues() fills a TypedArray of integers",
        ),
        (
            "crypto.getRandomValues(new Uint8Array(65537))",
            "!QuotaExceededError: getRandomValues() fills at most 65536 bytes",
        ),
        ("((globalThis.crypto = 5), crypto)", "5"),
    ]);
}
