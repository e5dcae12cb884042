//! Certificates and private keys in PEM (RFC 7468): authorities to trust, and certificates of our own.

use std::fmt;

use bytes::Bytes;
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::pem::{Error, PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::template::Template;

/// Where certificates or a key come from.
pub enum PemSource {
    /// A file of the plan's folder, read when the plan was.
    File { path: String, content: Bytes },
    /// Text that is known when the load begins, of a secret, say.
    Template(Template),
}

impl fmt::Debug for PemSource {
    /// Without the content: it may be a private key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PemSource::File { path, .. } => f.debug_struct("File").field("path", path).finish_non_exhaustive(),
            PemSource::Template(template) => f.debug_tuple("Template").field(template).finish(),
        }
    }
}

/// A certificate of our own, followed by those of its intermediate authorities, and its key.
#[derive(Debug)]
pub struct Identity {
    pub certificates: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Identity { certificates: self.certificates.clone(), key: self.key.clone_key() }
    }
}

/// What is wrong with certificates or a key. Nothing of them is told: they may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {help}")]
pub struct PemError {
    pub part: PemPart,
    pub problem: String,
    pub help: String,
}

/// What of an identity is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemPart {
    Certificate,
    Key,
}

impl PemPart {
    fn error(self, problem: impl Into<String>, help: impl Into<String>) -> PemError {
        PemError { part: self, problem: problem.into(), help: help.into() }
    }
}

/// Authorities to trust. `what` names the text: a path, or a key of the plan.
///
/// # Errors
/// No certificate, or one that can't be read.
pub fn authorities(what: &str, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let certificates = certificates(what, text)?;
    let mut store = RootCertStore::empty();
    for (index, certificate) in certificates.iter().enumerate() {
        store.add(certificate.clone()).map_err(|_| {
            let problem = format!("certificate {} of {what} is no valid certificate (X.509)", index + 1);
            PemPart::Certificate
                .error(problem, "export it again: `openssl x509 -in FILE -noout -text` must be able to read it")
        })?;
    }
    Ok(certificates)
}

/// A certificate of our own with its key.
///
/// # Errors
/// A certificate or key that is missing or can't be read, or that don't belong together.
pub fn identity(cert: (&str, &[u8]), key: (&str, &[u8])) -> Result<Identity, PemError> {
    let (certificates, private) = (certificates(cert.0, cert.1)?, private_key(key.0, key.1)?);
    match CertifiedKey::from_der(certificates.clone(), private.clone_key(), &ring::default_provider()) {
        Ok(_) => Ok(Identity { certificates, key: private }),
        Err(rustls::Error::InconsistentKeys(_)) => Err(PemPart::Key.error(
            format!("the key of {} is not that of the first certificate of {}", key.0, cert.0),
            "write the client's own certificate first, and then those of its authorities; name the key it was made with",
        )),
        Err(rustls::Error::InvalidCertificate(_)) => Err(PemPart::Certificate.error(
            format!("the first certificate of {} is no valid certificate (X.509)", cert.0),
            "export it again: `openssl x509 -in FILE -noout -text` must be able to read it",
        )),
        Err(_) => Err(PemPart::Key.error(
            format!("the private key of {} can't be used", key.0),
            "use a key of RSA with 2048 to 8192 bits, ECDSA with P-256 or P-384, or Ed25519",
        )),
    }
}

fn certificates(what: &str, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let mut certificates = Vec::new();
    let mut other = None;
    for (kind, der) in sections(PemPart::Certificate, what, text)? {
        match CertificateDer::from_pem(kind, der) {
            Some(certificate) => certificates.push(certificate),
            None => other = Some(kind),
        }
    }
    if !certificates.is_empty() {
        return Ok(certificates);
    }
    Err(match other {
        Some(SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey) => PemPart::Certificate
            .error(
                format!("{what} holds a private key and no certificate"),
                "name the certificate here and the key under `key`",
            ),
        Some(SectionKind::Csr) => PemPart::Certificate.error(
            format!("{what} holds a request for a certificate, and no certificate"),
            "name the certificate that the authority signed",
        ),
        _ => PemPart::Certificate.error(
            format!("{what} holds no certificate in PEM"),
            "it begins with `-----BEGIN CERTIFICATE-----`; `openssl x509 -inform der` converts one in DER, and \
             `openssl pkcs12 -nokeys` one in PKCS #12",
        ),
    })
}

fn private_key(what: &str, text: &[u8]) -> Result<PrivateKeyDer<'static>, PemError> {
    let contains = |marker: &str| text.windows(marker.len()).any(|window| window == marker.as_bytes());
    if contains("BEGIN ENCRYPTED PRIVATE KEY") || contains("Proc-Type: 4,ENCRYPTED") {
        return Err(PemPart::Key.error(
            format!("the private key of {what} is encrypted"),
            "decrypt it (`openssl pkey -in FILE`) and keep it in a secret, as `key: \"${secret.NAME}\"`",
        ));
    }
    let mut certificate = false;
    for (kind, der) in sections(PemPart::Key, what, text)? {
        certificate |= kind == SectionKind::Certificate;
        if let Some(key) = PrivateKeyDer::from_pem(kind, der) {
            return Ok(key);
        }
    }
    Err(match certificate {
        true => PemPart::Key.error(
            format!("{what} holds a certificate and no private key"),
            "name the key here and the certificate under `cert`",
        ),
        false => PemPart::Key.error(
            format!("{what} holds no private key in PEM"),
            "it begins with `-----BEGIN PRIVATE KEY-----`, `-----BEGIN RSA PRIVATE KEY-----` or `-----BEGIN EC PRIVATE \
             KEY-----`; `openssl pkcs12 -nocerts -nodes` converts one in PKCS #12",
        ),
    })
}

/// The sections of a kind that is known; others are left out.
fn sections(part: PemPart, what: &str, text: &[u8]) -> Result<Vec<(SectionKind, Vec<u8>)>, PemError> {
    <(SectionKind, Vec<u8>)>::pem_slice_iter(text).collect::<Result<_, Error>>().map_err(|error| {
        // What the parser says of it could be a part of a key.
        let broken = match error {
            Error::MissingSectionEnd { .. } => "a section begins and does not end",
            Error::Base64Decode(_) => "its base64 is broken",
            _ => "a `-----BEGIN` or `-----END` line is broken",
        };
        part.error(
            format!("{what} is no whole PEM: {broken}"),
            "copy it again as it is, with its lines; a secret must keep its line breaks",
        )
    })
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, CertifiedKey, KeyPair, PKCS_ED25519, generate_simple_self_signed};

    use super::*;

    fn own() -> (String, String) {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["client".to_owned()]).unwrap();
        (cert.pem(), signing_key.serialize_pem())
    }

    fn told<T>(result: Result<T, PemError>) -> String {
        result.err().map(|error| error.to_string()).unwrap_or_else(|| "ok".to_owned())
    }

    #[test]
    fn a_certificate_and_its_key_make_an_identity_whatever_stands_around_them() {
        let (cert, key) = own();
        let both = format!("subject=client\r\n{}\n{key}", cert.replace('\n', "\r\n"));
        let identity = identity(("both.pem", both.as_bytes()), ("both.pem", both.as_bytes())).unwrap();
        assert_eq!(identity.certificates.len(), 1);
        assert!(!format!("{identity:?}").contains(&key[60..90]));
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let cert = CertificateParams::default().self_signed(&key).unwrap();
        let (cert, key) = (cert.pem(), key.serialize_pem());
        super::identity(("cert", cert.as_bytes()), ("key", key.as_bytes())).unwrap();
        assert_eq!(authorities("ca", format!("{cert}{cert}").as_bytes()).unwrap().len(), 2);
    }

    #[test]
    fn keys_that_cannot_be_used_say_why() {
        let (cert, key) = own();
        let identity = |key: &str| told(super::identity(("c.pem", cert.as_bytes()), ("k.pem", key.as_bytes())));
        assert_eq!(identity(&key), "ok");
        insta::assert_snapshot!(identity(&own().1), @"the key of k.pem is not that of the first certificate of c.pem; write the client's own certificate first, and then those of its authorities; name the key it was made with");
        insta::assert_snapshot!(identity(&key.replace("PRIVATE", "ENCRYPTED PRIVATE")), @r#"the private key of k.pem is encrypted; decrypt it (`openssl pkey -in FILE`) and keep it in a secret, as `key: "${secret.NAME}"`"#);
        let legacy = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert!(identity(legacy).starts_with("the private key of k.pem is encrypted"), "{}", identity(legacy));
        insta::assert_snapshot!(identity(&cert), @"k.pem holds a certificate and no private key; name the key here and the certificate under `cert`");
        insta::assert_snapshot!(identity("\u{30}\u{82}binary"), @"k.pem holds no private key in PEM; it begins with `-----BEGIN PRIVATE KEY-----`, `-----BEGIN RSA PRIVATE KEY-----` or `-----BEGIN EC PRIVATE KEY-----`; `openssl pkcs12 -nocerts -nodes` converts one in PKCS #12");
        insta::assert_snapshot!(identity(&key.replace('\n', " ")), @"k.pem is no whole PEM: a section begins and does not end; copy it again as it is, with its lines; a secret must keep its line breaks");
        let cut = &key[..key.len() / 2];
        insta::assert_snapshot!(identity(cut), @"k.pem is no whole PEM: a section begins and does not end; copy it again as it is, with its lines; a secret must keep its line breaks");
        let nonsense = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        insta::assert_snapshot!(identity(nonsense), @"the private key of k.pem can't be used; use a key of RSA with 2048 to 8192 bits, ECDSA with P-256 or P-384, or Ed25519");
    }

    #[test]
    fn certificates_that_cannot_be_used_say_why() {
        let (cert, key) = own();
        let ca = |text: &str| told(authorities("`ca.pem`", text.as_bytes()));
        insta::assert_snapshot!(ca(""), @"`ca.pem` holds no certificate in PEM; it begins with `-----BEGIN CERTIFICATE-----`; `openssl x509 -inform der` converts one in DER, and `openssl pkcs12 -nokeys` one in PKCS #12");
        insta::assert_snapshot!(ca(&key), @"`ca.pem` holds a private key and no certificate; name the certificate here and the key under `key`");
        insta::assert_snapshot!(ca(&cert.replace("CERTIFICATE", "CERTIFICATE REQUEST")), @"`ca.pem` holds a request for a certificate, and no certificate; name the certificate that the authority signed");
        insta::assert_snapshot!(ca(&format!("{cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")), @"certificate 2 of `ca.pem` is no valid certificate (X.509); export it again: `openssl x509 -in FILE -noout -text` must be able to read it");
        insta::assert_snapshot!(ca(&cert.replace("-----END", "----END")), @"`ca.pem` is no whole PEM: a section begins and does not end; copy it again as it is, with its lines; a secret must keep its line breaks");
        let broken = cert.replacen("MII", "M!I", 1);
        insta::assert_snapshot!(ca(&broken), @"`ca.pem` is no whole PEM: its base64 is broken; copy it again as it is, with its lines; a secret must keep its line breaks");
    }
}
