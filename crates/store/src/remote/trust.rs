//! Who vouches for a host that is asked by `https`.

use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use super::Unusable;

/// Those whose certificates these are, as PEM; or those whom the program knows.
///
/// # Errors
/// If there is no certificate, or something else beside.
pub(super) fn trusting(authorities: Option<&[u8]>) -> Result<TlsConfig, Unusable> {
    let Some(text) = authorities else { return Ok(TlsConfig::default()) };
    let mut certificates = Vec::new();
    for item in parse_pem(text) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            // A key among them is somebody's mistake, and should not lie there.
            _ => return Err(Unusable::Authorities),
        }
    }
    if certificates.is_empty() {
        return Err(Unusable::Authorities);
    }
    Ok(TlsConfig::builder().root_certs(RootCerts::new_with_certs(&certificates)).build())
}
