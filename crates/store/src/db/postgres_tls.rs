//! TLS to PostgreSQL: rustls, with the certificate and the host name always checked.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::url::PostgresUrl;
use crate::{Error, Result};

/// Trusts the file that `sslrootcert` names, or else the certificates of the system.
pub(super) fn connector(url: &PostgresUrl) -> Result<MakeRustlsConnect> {
    let other = |error: Box<dyn std::error::Error + Send + Sync>| Error::Unavailable(error);
    let mut roots = RootCertStore::empty();
    match &url.root_certificate {
        Some(file) => {
            let named = |error: &dyn std::fmt::Display| {
                other(format!("sslrootcert {}: {error}", file.display()).into())
            };
            for certificate in CertificateDer::pem_file_iter(file).map_err(|error| named(&error))? {
                let certificate = certificate.map_err(|error| named(&error))?;
                roots.add(certificate).map_err(|error| named(&error))?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
        }
    }
    if roots.is_empty() {
        return Err(other(
            "no certificates to trust: name a file with sslrootcert=".into(),
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| other(error.into()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
