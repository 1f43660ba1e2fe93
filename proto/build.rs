//! Compiles the wire contract with protox: no protoc on any machine.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = [
        "terrace/v1/entry.proto",
        "terrace/v1/link.proto",
        "terrace/v1/enrolment.proto",
        "terrace/v1/desk.proto",
    ];
    println!("cargo:rerun-if-changed=proto");
    let descriptors = protox::compile(files, ["proto"])?;
    let services = std::env::var_os("CARGO_FEATURE_GRPC").is_some();
    tonic_prost_build::configure()
        .build_client(services)
        .build_server(services)
        .build_transport(false)
        .compile_fds(descriptors)?;
    Ok(())
}
