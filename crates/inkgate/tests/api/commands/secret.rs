//! `inkgate secret generate`.

use tempfile::tempdir;

use crate::support::Program;

#[test]
fn a_generated_secret_is_new_each_time_and_good_enough_for_production() {
    let folder = tempdir().unwrap();
    let program = Program::in_folder(folder.path());

    let first = program.run(&["secret", "generate"]).expect_success();
    let second = program.run(&["secret", "generate"]).expect_success();

    assert_ne!(first.out, second.out);
    assert_eq!(first.err, "");
    let key = first.out.strip_suffix('\n').unwrap();
    assert!(
        key.len() >= 32 && !key.contains(char::is_whitespace),
        "{key}"
    );
    let production = program
        .set("INKGATE_ENV", "production")
        .set("SECRET_KEY", key);
    production.run(&["migrate"]).expect_success();
}
