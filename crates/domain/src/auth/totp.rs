//! Time-based one-time passwords (RFC 6238): HMAC-SHA1, six digits, steps of 30 seconds, which is
//! what every authenticator app knows.

use data_encoding::BASE32_NOPAD;
use model::{Secret, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use subtle::ConstantTimeEq;

/// How long a secret is: as long as the hash (RFC 4226, section 4).
pub(crate) const SECRET_BYTES: usize = 20;
/// How long a step is, in seconds.
const STEP: i64 = 30;
/// How many steps a clock may be off, either way.
const SKEW: i64 = 1;
/// What stands in a URI as it is (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The step whose code this is: now, the one before or the one after, and later than `last_step`.
/// Compared in constant time.
pub(crate) fn matching_step(
    secret: &[u8],
    digits: &[u8; 6],
    last_step: i64,
    now: Timestamp,
) -> Option<i64> {
    let step = now.as_seconds().div_euclid(STEP);
    let mut found = None;
    for step in step - SKEW..=step + SKEW {
        let matches: bool = code(secret, step).ct_eq(digits).into();
        if matches && step > last_step {
            found = Some(step);
        }
    }
    found
}

/// The code of a step (RFC 4226, section 5.3).
fn code(secret: &[u8], step: i64) -> [u8; 6] {
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[19] & 15);
    let mut number = tag[offset..offset + 4]
        .iter()
        .fold(0, |number: u32, byte| number << 8 | u32::from(*byte))
        & 0x7fff_ffff;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
}

/// A secret as it is typed into an app.
pub(crate) fn secret_text(secret: &[u8; SECRET_BYTES]) -> Secret<String> {
    Secret::new(BASE32_NOPAD.encode(secret))
}

/// What an app reads from a QR code: the secret, and whose it is where.
pub(crate) fn uri(secret: &Secret<String>, username: &str, public_url: &str) -> Secret<String> {
    let (_, host) = public_url.split_once("://").unwrap_or(("", public_url));
    let account = format!("{username}@{host}");
    let account = utf8_percent_encode(&account, ENCODED);
    let secret = secret.reveal();
    Secret::new(format!(
        "otpauth://totp/Inkgate:{account}?secret={secret}&issuer=Inkgate&algorithm=SHA1&digits=6&period=30"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B.
    const SECRET: &[u8; 20] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_codes_are_those_of_the_rfc() {
        // The last six of the eight digits there.
        for (seconds, digits) in [
            (59, b"287082"),
            (1_111_111_109, b"081804"),
            (1_111_111_111, b"050471"),
            (1_234_567_890, b"005924"),
            (2_000_000_000, b"279037"),
            (20_000_000_000, b"353130"),
        ] {
            assert_eq!(&code(SECRET, seconds / STEP), digits, "{seconds}");
            assert_eq!(
                matching_step(SECRET, digits, 0, at(seconds)),
                Some(seconds / STEP)
            );
        }
    }

    #[test]
    fn a_code_is_good_a_step_early_and_a_step_late_and_no_further() {
        let digits = code(SECRET, 1000);

        for (seconds, wanted) in [
            (999 * 30 - 1, None),
            (999 * 30, Some(1000)),
            (1000 * 30, Some(1000)),
            (1002 * 30 - 1, Some(1000)),
            (1002 * 30, None),
        ] {
            let found = matching_step(SECRET, &digits, 0, at(seconds));
            assert_eq!(found, wanted, "{seconds}");
        }
    }

    #[test]
    fn a_step_that_was_used_up_is_used_up_with_all_before_it() {
        let now = at(1000 * 30);

        for (step, last, wanted) in [
            (1000, 999, Some(1000)),
            (1000, 1000, None),
            (999, 1000, None),
            (1001, 1000, Some(1001)),
        ] {
            let digits = code(SECRET, step);
            assert_eq!(matching_step(SECRET, &digits, last, now), wanted, "{step}");
        }
    }

    #[test]
    fn a_uri_holds_nothing_that_would_end_a_part_of_it() {
        let secret = secret_text(SECRET);

        let uri = uri(&secret, "a:?&é", "https://blog.example:8443");

        assert_eq!(
            uri.reveal(),
            "otpauth://totp/Inkgate:a%3A%3F%26%C3%A9%40blog.example%3A8443\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Inkgate&algorithm=SHA1&digits=6&period=30"
        );
    }
}
