//! Compiles the wire contract with protox: no protoc on any machine.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = [
        "terrace/v1/holder.proto",
        "terrace/v1/roll.proto",
        "terrace/v1/entry.proto",
        "terrace/v1/link.proto",
        "terrace/v1/enrolment.proto",
        "terrace/v1/receipt.proto",
        "terrace/v1/export.proto",
        "terrace/v1/dossier.proto",
        "terrace/v1/desk.proto",
        "terrace/v1/read.proto",
    ];
    println!("cargo:rerun-if-changed=proto");
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_files(files)?;
    let out = std::path::PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("terrace.v1.bin"), compiler.encode_file_descriptor_set())?;
    let services = std::env::var_os("CARGO_FEATURE_GRPC").is_some();
    tonic_prost_build::configure()
        .build_client(services)
        .build_server(services)
        .build_transport(false)
        // By far the longest, and moved by the thousand.
        .boxed("terrace.v1.Registration.past")
        .boxed("terrace.v1.Body.content.past_taken_over")
        // What is sealed is shown by no `Debug`: src/wire.rs writes theirs.
        .skip_debug([
            "terrace.v1.PetitionerWords",
            "terrace.v1.ReportWords",
            "terrace.v1.RatingWords",
        ])
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
