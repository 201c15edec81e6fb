//! A folder of broken files: every mistake of every file is reported at once.

use std::path::Path;

use steward::catalog::Catalog;

#[test]
fn every_mistake_is_reported_at_once() {
    let folder = Path::new("tests/catalog/broken");
    let mistakes =
        Catalog::load(&folder.join("intents"), &folder.join("training-data")).unwrap_err();
    insta::assert_snapshot!(mistakes.to_string());
}
