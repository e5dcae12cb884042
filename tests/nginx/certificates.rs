//! Certificates made for one test.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};

/// An authority that nobody knows.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
pub struct Pair {
    pub cert: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        Authority(CertifiedIssuer::self_signed(of_authority(name, &[]), key()).expect("an authority"))
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// For a server of these names, or a client.
    pub fn issue(&self, names: &[&str]) -> Pair {
        self.issue_with(names, |_| {})
    }

    /// One whose time was over long ago.
    pub fn issue_expired(&self, names: &[&str]) -> Pair {
        self.issue_with(names, |parameters| {
            parameters.not_before = date_time_ymd(2020, 1, 1);
            parameters.not_after = date_time_ymd(2020, 2, 1);
        })
    }

    fn issue_with(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let mut parameters = CertificateParams::new(owned(names)).expect("names");
        parameters.distinguished_name.push(DnType::CommonName, names[0]);
        change(&mut parameters);
        let key = key();
        let cert = parameters.signed_by(&key, &self.0).expect("a certificate");
        Pair { cert: cert.pem(), key: key.serialize_pem() }
    }
}

/// A server's certificate that is its own authority, as `openssl req -x509` makes it.
pub fn its_own_authority(names: &[&str]) -> Pair {
    let key = key();
    let cert = of_authority(names[0], names).self_signed(&key).expect("a certificate");
    Pair { cert: cert.pem(), key: key.serialize_pem() }
}

fn of_authority(name: &str, names: &[&str]) -> CertificateParams {
    let mut parameters = CertificateParams::new(owned(names)).expect("names");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}
