//! The fifteen modules, asked of real offices: fixture C5. What is asked leaves nothing behind.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::path::Path;
use std::process::Stdio;
use std::task::{Context, Poll};

use futures::future::Either;
use serde_json::{Value, json};
use terrace_node::folder::Folder;
use terrace_node::premises::Premises;
use terrace_proto::wire::desk_service_server::DeskServiceServer;
use terrace_tests::offices::{Office, binary, line};
use tokio::net::UnixListener;
use tokio::process::Command;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::Status;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::transport::Server;
use tower::Service;

/// What `modules check` says of the office in a folder, and its exit code.
async fn check(data: &Path) -> (i32, Value) {
    let mut command = Command::new(binary("terrace-hub").unwrap());
    command.args(["modules", "check", "--json", "--data"]).arg(data);
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().unwrap(), serde_json::from_str(&told).unwrap_or(json!(null)))
}

/// A root and a province: each has all modules, and has written nothing about it afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_office_has_its_modules_and_is_left_as_it_was() {
    let data = tempfile::tempdir().unwrap();
    let offices = line(data.path(), &["41"]).await.unwrap();
    for (office, division) in offices.iter().zip(["00", "41"]) {
        office.register("路灯").await.unwrap();
        let before = own_journal(office).await;
        let (code, report) = check(office.folder.path()).await;
        // Whatever an office writes stands in its own journal.
        assert_eq!(own_journal(office).await, before, "at {division}");
        assert_eq!(report["missing"], json!([]), "{report:#}");
        assert_eq!((&report["connected"], code), (&json!("15/15"), 0));
        assert_eq!(report["office"], division);
    }
}

/// How many entries an office has written.
async fn own_journal(office: &Office) -> u64 {
    let told = office.window().await.unwrap().show_status().await.unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    told["journal_size"].as_u64().unwrap()
}

/// An office whose window lacks one call lacks the modules that need it, by name, and no other.
#[tokio::test(flavor = "multi_thread")]
async fn an_office_that_lacks_something_is_told_which_module_that_is() {
    let data = tempfile::tempdir().unwrap();
    let offices = line(data.path(), &[]).await.unwrap();
    let folder = Folder::at(offices[0].folder.path());
    for office in offices {
        office.stop().await.unwrap();
    }
    assert_eq!(check(folder.path()).await, (1, json!(null)), "nobody answers there");
    let _ownership = folder.own().unwrap();
    let premises = Premises::open(&folder).await.unwrap();
    for (call, broken) in [("ShowOrgans", "M01"), ("ExamineReceipt", "M13"), ("Survey", "M15")] {
        _ = std::fs::remove_file(folder.socket());
        let listener = UnixListener::bind(folder.socket()).unwrap();
        let desk = Without { inner: DeskServiceServer::new(premises.service()), call };
        let serving = Server::builder()
            .add_service(desk)
            .serve_with_incoming(UnixListenerStream::new(listener));
        let serving = tokio::spawn(serving);
        let (code, report) = check(folder.path()).await;
        serving.abort();
        let missing: Vec<&str> =
            report["missing"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!((missing, code), (vec![broken], 3), "{call}: {report:#}");
        let modules = report["modules"].as_array().unwrap().iter();
        let lacks: Vec<String> = modules.map(|module| module["lacks"].to_string()).collect();
        assert!(lacks.concat().contains("no such call"), "{lacks:?}");
    }
}

/// A window without one of its calls, as an older office has it.
#[derive(Debug, Clone)]
struct Without<S> {
    inner: S,
    call: &'static str,
}

impl<S: NamedService> NamedService for Without<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<http::Request<Body>> for Without<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Either<Ready<Result<Self::Response, Infallible>>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        if request.uri().path().ends_with(&format!("/{}", self.call)) {
            return Either::Left(ready(Ok(Status::unimplemented("").into_http())));
        }
        Either::Right(self.inner.call(request))
    }
}
