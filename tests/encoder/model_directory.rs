//! A model directory that can't be used says what is wrong with it, and where.

use std::fs;
use std::path::Path;

use steward::nlu::encoder::{Precision, load};
use tempfile::TempDir;

use super::shipped;

/// A copy of the shipped directory, the weights linked, to be damaged.
fn copy() -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        std::os::unix::fs::symlink(shipped().join(name), dir.path().join(name)).expect("a link");
    }
    dir
}

fn check(damage: impl FnOnce(&Path), expect: &[&str]) {
    let dir = copy();
    damage(dir.path());
    let Err(error) = load(dir.path(), Precision::Int8) else {
        panic!("loaded, though {expect:?}");
    };
    let message = error.to_string();
    for part in expect {
        assert!(message.contains(part), "“{message}” lacks “{part}”");
    }
}

fn replace(dir: &Path, name: &str, content: impl AsRef<[u8]>) {
    fs::remove_file(dir.join(name)).expect("the link is there");
    fs::write(dir.join(name), content).expect("a file in a temporary directory");
}

/// Changes one line of the configuration.
fn reconfigure(dir: &Path, from: &str, to: &str) {
    let config = fs::read_to_string(dir.join("config.json")).expect("the shipped configuration");
    assert!(config.contains(from));
    replace(dir, "config.json", config.replace(from, to));
}

#[test]
fn a_missing_file_is_named() {
    check(
        |dir| fs::remove_dir_all(dir).expect("it is ours"),
        &["there is no encoder at", "config.json, tokenizer.json and model.safetensors"],
    );
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        check(|dir| fs::remove_file(dir.join(name)).expect("it is there"), &["lacks", name]);
    }
}

#[test]
fn an_unfit_configuration_is_explained() {
    check(|dir| replace(dir, "config.json", "{"), &["config.json", "line 1"]);
    check(|dir| replace(dir, "config.json", "{}"), &["config.json", "model_type"]);
    check(
        |dir| reconfigure(dir, "\"bert\"", "\"llama\""),
        &["config.json", "`model_type`", "\"llama\"", "\"bert\""],
    );
    check(
        |dir| reconfigure(dir, "\"num_attention_heads\": 12", "\"num_attention_heads\": 7"),
        &["`hidden_size`", "384", "multiple of the 7"],
    );
    check(
        |dir| reconfigure(dir, "\"num_hidden_layers\": 12", "\"num_hidden_layers\": 0"),
        &["`num_hidden_layers`", "at least 1"],
    );
}

#[test]
fn weights_that_do_not_fit_the_configuration_are_named() {
    check(
        |dir| reconfigure(dir, "\"num_hidden_layers\": 12", "\"num_hidden_layers\": 13"),
        &["no tensor `encoder.layer.12."],
    );
    check(
        |dir| reconfigure(dir, "\"vocab_size\": 48000", "\"vocab_size\": 250002"),
        &["`embeddings.word_embeddings.weight`", "[48000, 384]", "[250002, 384]"],
    );
    check(
        |dir| reconfigure(dir, "\"slot_head_size\": 256", "\"slot_head_size\": 128"),
        &["`slots.token", "[512", "[256"],
    );
}

#[test]
fn what_is_no_weights_file_is_refused() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 80658128\n";
    check(|dir| replace(dir, "model.safetensors", pointer), &["not a safetensors file", "LFS"]);
    check(|dir| replace(dir, "model.safetensors", ""), &["model.safetensors"]);
    check(
        |dir| {
            let whole = fs::read(shipped().join("model.safetensors")).expect("the weights");
            replace(dir, "model.safetensors", &whole[..whole.len() / 2]);
        },
        &["not a safetensors file"],
    );
}

#[test]
fn what_is_no_tokenizer_is_refused() {
    check(|dir| replace(dir, "tokenizer.json", "{}"), &["tokenizer.json", "not a tokenizer"]);
}
