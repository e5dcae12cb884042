//! The algorithms by their names.

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha2::Digest;

/// The algorithms that there are.
pub const ALGORITHMS: [&str; 9] =
    ["md4", "md5", "ripemd160", "sha1", "sha256", "sha384", "sha512", "sha512_224", "sha512_256"];

/// Takes data piece by piece.
pub trait Hasher {
    fn update(&mut self, data: &[u8]);

    /// The hash of what came so far.
    fn finish(&self) -> Vec<u8>;
}

struct Plain<D>(D);

impl<D: Digest + Clone> Hasher for Plain<D> {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finish(&self) -> Vec<u8> {
        self.0.clone().finalize().to_vec()
    }
}

struct Keyed<M>(M);

impl<M: Mac + Clone> Hasher for Keyed<M> {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finish(&self) -> Vec<u8> {
        self.0.clone().finalize().into_bytes().to_vec()
    }
}

/// The hash of that name.
pub fn hash(algorithm: &str) -> Option<Box<dyn Hasher>> {
    Some(match algorithm {
        "md4" => Box::new(Plain(md4::Md4::new())),
        "md5" => Box::new(Plain(md5::Md5::new())),
        "ripemd160" => Box::new(Plain(ripemd::Ripemd160::new())),
        "sha1" => Box::new(Plain(sha1::Sha1::new())),
        "sha256" => Box::new(Plain(sha2::Sha256::new())),
        "sha384" => Box::new(Plain(sha2::Sha384::new())),
        "sha512" => Box::new(Plain(sha2::Sha512::new())),
        "sha512_224" => Box::new(Plain(sha2::Sha512_224::new())),
        "sha512_256" => Box::new(Plain(sha2::Sha512_256::new())),
        _ => return None,
    })
}

/// The HMAC by the hash of that name.
pub fn keyed(algorithm: &str, key: &[u8]) -> Option<Box<dyn Hasher>> {
    match algorithm {
        "md4" => mac::<md4::Md4>(key),
        "md5" => mac::<md5::Md5>(key),
        "ripemd160" => mac::<ripemd::Ripemd160>(key),
        "sha1" => mac::<sha1::Sha1>(key),
        "sha256" => mac::<sha2::Sha256>(key),
        "sha384" => mac::<sha2::Sha384>(key),
        "sha512" => mac::<sha2::Sha512>(key),
        "sha512_224" => mac::<sha2::Sha512_224>(key),
        "sha512_256" => mac::<sha2::Sha512_256>(key),
        _ => None,
    }
}

/// A key may have any length.
fn mac<D>(key: &[u8]) -> Option<Box<dyn Hasher>>
where
    D: EagerHash + 'static,
    Hmac<D>: Mac + KeyInit + Clone,
{
    <Hmac<D> as KeyInit>::new_from_slice(key).ok().map(|mac| Box::new(Keyed(mac)) as Box<dyn Hasher>)
}
