//! The key that the server signs v2 tokens with, taken out of its database by whoever knows
//! `SECRET_KEY`; nothing of the program's own code is used.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::signature::Ed25519KeyPair;
use test_database::TestDatabase;
use tokio_postgres::NoTls;

use super::{SECRET_KEY, TestApp};

/// A key that signs.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) pair: Ed25519KeyPair,
}

impl SigningKey {
    /// The server's own.
    pub(crate) async fn of(app: &TestApp) -> Self {
        let (kid, sealed) = stored(app.database.as_ref().unwrap()).await;
        let purpose = [&b"signing keys, 1"[..]];
        let secret = Salt::new(HKDF_SHA256, b"inkgate").extract(SECRET_KEY.as_bytes());
        let key: UnboundKey = secret.expand(&purpose, &CHACHA20_POLY1305).unwrap().into();
        let (nonce, private) = sealed.split_at(12);
        let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
        let mut private = private.to_vec();
        let private = LessSafeKey::new(key)
            .open_in_place(nonce, Aad::from(kid.as_bytes()), &mut private)
            .unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(private).unwrap();
        Self { kid, pair }
    }

    /// The header of a token that this key signs.
    pub(crate) fn header(&self) -> String {
        format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{}"}}"#, self.kid)
    }

    /// A token of this header and payload, whatever they say.
    pub(crate) fn sign(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let message = format!("{}.{}", encode(header.as_ref()), encode(payload.as_ref()));
        let signature = encode(self.pair.sign(message.as_bytes()).as_ref());
        format!("{message}.{signature}")
    }
}

async fn stored(database: &TestDatabase) -> (String, Vec<u8>) {
    let sql = "SELECT kid, private_key FROM signing_keys WHERE state = 'active'";
    if database.is_sqlite() {
        let file = rusqlite::Connection::open(database.file()).unwrap();
        let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        return file.query_row(sql, [], columns).unwrap();
    }
    let (client, connection) = tokio_postgres::connect(database.url(), NoTls)
        .await
        .unwrap();
    let running = tokio::spawn(connection);
    let row = client.query_one(sql, &[]).await.unwrap();
    drop(client);
    drop(running.await);
    (row.get(0), row.get(1))
}
