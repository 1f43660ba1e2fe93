//! Tells the office's own log why a call was refused.
//!
//! A broken call (a frame too long, or cut off) never reaches its service, so only here can it be named. What
//! the desk answers an officer may repeat the officer's words and stays out of the log.

use std::pin::Pin;
use std::task::{Context, Poll};

use tonic::codegen::http::{Request, Response};
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::warn;

use super::Caller;

/// Which refusals are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// All of them: for the port.
    Everything,
    /// Calls that could not even be read: for the desk.
    Broken,
}

/// A service whose refusals are told.
#[derive(Debug, Clone)]
pub struct Told<S> {
    inner: S,
    telling: Telling,
}

impl<S> Layer<S> for Telling {
    type Service = Told<S>;

    fn layer(&self, inner: S) -> Told<S> {
        Told { inner, telling: *self }
    }
}

impl<S, A, B> Service<Request<A>> for Told<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let call = request.uri().path().to_owned();
        let from = request.extensions().get::<Caller>().map(|caller| caller.from.clone());
        let telling = self.telling;
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = answer.await?;
            if let Some(status) = Status::from_header_map(response.headers())
                && telling.concerns(status.code())
            {
                let address = from.as_deref().unwrap_or("unknown");
                warn!(address, call, "refused a caller: {:?}: {}", status.code(), status.message());
            }
            Ok(response)
        })
    }
}

impl Telling {
    fn concerns(self, code: Code) -> bool {
        let broken = matches!(code, Code::Internal | Code::OutOfRange | Code::Unimplemented);
        code != Code::Ok && (broken || self == Self::Everything)
    }
}
