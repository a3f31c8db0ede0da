//! Microsoft's own clients against the lab: see `tests/sdk.sh`.

#[test]
#[ignore = "installs packages from their registries; run with: EASYAUTH_DOCTOR_TEST_NETWORK=open cargo test --test it \
    sdk:: -- --ignored"]
fn microsofts_own_clients_get_tokens_from_the_lab() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk.sh");
    let status =
        std::process::Command::new("bash").args([script, env!("CARGO_BIN_EXE_easyauth-doctor")]).status().unwrap();
    assert!(status.success());
}
