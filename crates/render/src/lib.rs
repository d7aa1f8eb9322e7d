//! Text to safe HTML. Posts are plain text until v2 renders them, so nothing lives here yet but
//! the place: it depends on nothing of ours, and must not.
