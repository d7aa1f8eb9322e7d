//! What every validation yields: which field is wrong, and what to do about it.

/// Why a value was refused, before anybody knows which field it stood in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// A stable word for programs, `invalid` unless something more exact is known.
    pub code: &'static str,
    /// What must hold, for people: a phrase that follows the field's name.
    pub message: String,
}

impl Invalid {
    /// A value of the right type that breaks a rule.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            code: "invalid",
            message: message.into(),
        }
    }

    /// The same refusal, of the field `field`.
    pub fn of(self, field: impl Into<String>) -> FieldError {
        FieldError {
            field: field.into(),
            code: self.code,
            message: self.message,
        }
    }
}

/// One field that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The name of the field as it stands on the wire.
    pub field: String,
    /// A stable word for programs.
    pub code: &'static str,
    /// What must hold, for people.
    pub message: String,
}
