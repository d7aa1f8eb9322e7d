//! Tokens that differ from good ones in a claim or two, signed with the right key.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// JSON values that some claim or header takes, and others.
const VALUES: [&str; 22] = [
    "1",
    "0",
    "-1",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"1\"",
    "\"01\"",
    "1.5",
    "1e3",
    "\"inkgate\"",
    "[\"inkgate\"]",
    "\"https://blog.example\"",
    "\"all\"",
    "[\"pwd\"]",
    "\"0193e1a0-5b7c-7000-8000-000000000000\"",
    "18446744073709551615",
    "\"JWT\"",
    "\"HS256\"",
    "\"\\u0000\"",
];
const CLAIMS: [&str; 18] = [
    "user_id",
    "exp",
    "iat",
    "nbf",
    "jti",
    "sid",
    "gen",
    "sub",
    "aud",
    "iss",
    "client_id",
    "scope",
    "auth_time",
    "amr",
    "role",
    "evil",
    "cty",
    "",
];
const HEADERS: [&str; 17] = [
    "alg", "typ", "kid", "cty", "crit", "b64", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256",
    "zip", "enc", "evil", "nonce", "url",
];

/// What to replace or add: a name, and a value or (`None`) nothing.
fn changes(
    names: &'static [&'static str],
) -> impl Strategy<Value = Vec<(&'static str, Option<String>)>> {
    let now = Clock::system().now().as_seconds();
    // Never close to now, which goes on between one verifier and the other.
    let time = select(vec![-90_000, -700, -50, 50, 500, 700, 90_000]);
    let value = prop_oneof![
        select(&VALUES[..]).prop_map(|text| Some(text.to_owned())),
        time.prop_map(move |seconds| Some((now + seconds).to_string())),
        Just(None),
    ];
    prop::collection::vec((select(names), value), 0..3)
}

/// An object in which every change is made; or added, so that names stand twice.
fn object(genuine: &[(&str, String)], changes: &[(&str, Option<String>)], twice: bool) -> String {
    let mut fields: Vec<_> = genuine.to_vec();
    for (name, value) in changes {
        if !twice {
            fields.retain(|(known, _)| known != name);
        }
        fields.extend(value.clone().map(|value| (*name, value)));
    }
    let fields = fields
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

fn text(text: &str) -> String {
    format!("\"{text}\"")
}

fn v1_claims() -> Vec<(&'static str, String)> {
    let now = Clock::system().now().as_seconds();
    let sid = text("0193e1a0-5b7c-7000-8000-000000000000");
    let (exp, iat) = ((now + 500).to_string(), now.to_string());
    vec![
        ("user_id", "1".to_owned()),
        ("exp", exp),
        ("iat", iat),
        ("jti", text("j")),
        ("sid", sid),
        ("gen", "0".to_owned()),
    ]
}

fn v2_claims() -> Vec<(&'static str, String)> {
    let mut claims = v1_claims();
    claims[0] = ("sub", text("1"));
    claims.extend([
        ("iss", text(ISSUER)),
        ("aud", text("inkgate")),
        ("client_id", text("inkgate")),
        ("scope", text("all")),
        ("auth_time", "1".to_owned()),
        ("amr", "[\"pwd\"]".to_owned()),
    ]);
    claims
}

fn v1_header() -> Vec<(&'static str, String)> {
    vec![("alg", text("HS256")), ("typ", text("JWT"))]
}

#[test]
fn what_is_changed_below_is_accepted_as_it_stands() {
    let v1 = V1Keys::new(&Secret::new(SECRET.to_vec()), &[]).unwrap();
    let token = Hs256Key::new(SECRET)
        .unwrap()
        .sign(object(&v1_claims(), &[], false).as_bytes());
    assert!(v1.verify(&token.unwrap(), Clock::system().now()).is_ok());

    let keys = V2Keys::shared();
    let token = keys.ring.sign(object(&v2_claims(), &[], false).as_bytes());
    let token = token.unwrap();
    let parts = Parts::of(&token).unwrap();
    assert!(v2_token::verify(&keys.ring, ISSUER, &parts, Clock::system().now()).is_ok());
}

proptest! {
    #[test]
    fn v1_and_jsonwebtoken_disagree_for_known_reasons_only(
        header in changes(&HEADERS), claims in changes(&CLAIMS), twice: bool,
    ) {
        let header = object(&v1_header(), &header, twice);
        v1_signed(header.as_bytes(), object(&v1_claims(), &claims, twice).as_bytes());
    }

    #[test]
    fn v2_and_jsonwebtoken_disagree_for_known_reasons_only(
        header in changes(&HEADERS), own: bool, claims in changes(&CLAIMS), twice: bool,
    ) {
        let kid = ("kid", text(&V2Keys::shared().kid));
        let genuine = [("alg", text("EdDSA")), ("typ", text("at+jwt")), kid];
        let header = object(&genuine, &header, twice);
        let header = (!own).then_some(header.as_bytes());
        v2_signed(header, object(&v2_claims(), &claims, twice).as_bytes());
    }

    #[test]
    fn no_text_and_no_payload_is_accepted_by_one_alone(
        text in "[A-Za-z0-9_-]{0,30}\\.[A-Za-z0-9_-]{0,30}\\.[A-Za-z0-9_-]{0,90}|.{0,200}",
        header: Vec<u8>,
        payload: Vec<u8>,
    ) {
        v1_token(&text);
        v2_token(&text);
        v1_signed(&header, &payload);
        v2_signed(None, &payload);
        v2_signed(Some(&header), &payload);
    }
}
