//! The texts of mails, and the messages that they become. Both kinds of each text are built into
//! the program.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use model::Timestamp;

/// What a mail is about: its subject, and its text for each kind of reader.
pub(super) struct Template {
    pub(super) subject: &'static str,
    text: &'static str,
    html: &'static str,
}

macro_rules! template {
    ($subject:literal, $name:literal) => {
        Template {
            subject: $subject,
            text: include_str!(concat!("templates/", $name, ".txt")),
            html: include_str!(concat!("templates/", $name, ".html")),
        }
    };
}

pub(super) const VERIFY: Template = template!("Confirm your e-mail address", "verify");
pub(super) const RESET: Template = template!("Set a new password", "reset");
pub(super) const EMAIL_CHANGED: Template =
    template!("Your e-mail address was changed", "email_changed");

/// Who writes what to whom, and when.
pub(super) struct Draft<'a> {
    pub(super) template: &'a Template,
    /// What stands for the names in the template.
    pub(super) words: &'a [(&'a str, &'a str)],
    pub(super) from: &'a Mailbox,
    pub(super) to: &'a str,
    /// What tells this mail from any other, and where it comes from.
    pub(super) id: String,
    pub(super) at: Timestamp,
}

impl Draft<'_> {
    /// The message; it fails when the address is none that mail can be sent to.
    pub(super) fn message(&self) -> Result<Message, String> {
        let to = self.to.parse().map_err(|_| "the address is none")?;
        let since_1970 = u64::try_from(self.at.as_micros()).unwrap_or_default();
        // Nobody is to answer that they are on holiday (RFC 3834).
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let automatic = HeaderValue::new(automatic, "auto-generated".to_owned());
        let text = filled(self.template.text, self.words, Cow::from);
        let html = filled(self.template.html, self.words, escaped);
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(self.template.subject)
            .date(SystemTime::UNIX_EPOCH + Duration::from_micros(since_1970))
            .message_id(Some(format!("<{}>", self.id)))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|error| error.to_string())
    }
}

/// Puts words in the places of their names, which stand between `{{` and `}}`. What a word holds is
/// no place for another.
fn filled<'w>(
    template: &str,
    words: &[(&str, &'w str)],
    write: impl Fn(&'w str) -> Cow<'w, str>,
) -> String {
    let mut out = String::with_capacity(template.len() + 200);
    let mut pieces = template.split("{{");
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        let word = words.iter().find(|(known, _)| *known == name);
        out.push_str(&write(word.map_or("", |(_, word)| word)));
        out.push_str(rest);
    }
    out
}

fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 20);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use model::Email;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn mail_can_be_sent_to_every_address(local in "[!-?A-~é-ſ小]{1,20}", domain in "[a-zü0-9-]{1,9}") {
            if let Ok(email) = Email::parse(&format!("{local}@{domain}.example")) {
                let address: Result<lettre::Address, _> = email.as_str().parse();
                prop_assert!(address.is_ok(), "{}", email.as_str());
            }
        }
    }

    #[test]
    fn words_stand_in_their_places_and_open_no_others() {
        let words = [("name", "<b>{{link}}</b>"), ("link", "https://x/?a&b")];

        let text = filled("{{name}} {{link}} {{nothing}}.", &words, Cow::from);
        let html = filled("{{name}} {{link}}", &words, escaped);

        assert_eq!(text, "<b>{{link}}</b> https://x/?a&b .");
        assert_eq!(html, "&lt;b&gt;{{link}}&lt;/b&gt; https://x/?a&amp;b");
    }

    #[test]
    fn each_template_knows_the_names_in_both_kinds_of_text() {
        for (template, names) in [
            (VERIFY, &["site", "link"][..]),
            (RESET, &["site", "username", "link"]),
            (EMAIL_CHANGED, &["site", "username"]),
        ] {
            for text in [template.text, template.html] {
                for name in names {
                    assert!(text.contains(&format!("{{{{{name}}}}}")), "{name}: {text}");
                }
                let places = text.split("{{").skip(1);
                for place in places.map(|place| place.split("}}").next().unwrap()) {
                    assert!(names.contains(&place), "{place}: {text}");
                }
            }
        }
    }
}
