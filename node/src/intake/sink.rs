//! Where registrations go: an office's window, or whatever stands in for one.

use async_trait::async_trait;
use terrace_proto::wire::{RegisterRequest, RegisterResponse};

use crate::folder::Folder;
use crate::window::{Window, WindowError};

/// Takes registrations.
#[async_trait]
pub trait Sink: Send {
    /// Registers; when it returns they are durable.
    async fn register(&mut self, request: RegisterRequest)
    -> Result<RegisterResponse, WindowError>;

    /// Tries to reach the office again after it went away ([`WindowError::is_passing`]).
    async fn reopen(&mut self) -> Result<(), WindowError>;
}

/// The window of the office in a folder.
#[derive(Debug)]
pub struct OfficeWindow {
    folder: Folder,
    window: Window,
}

impl OfficeWindow {
    /// Opens it: beside a running office through its socket, else this process opens the office itself.
    pub async fn open(folder: &Folder) -> Result<Self, WindowError> {
        Ok(Self { folder: folder.clone(), window: Window::open(folder).await? })
    }
}

#[async_trait]
impl Sink for OfficeWindow {
    async fn register(
        &mut self,
        request: RegisterRequest,
    ) -> Result<RegisterResponse, WindowError> {
        self.window.register(request).await
    }

    /// An office that ran is waited for, never opened in its place: it is to come back.
    async fn reopen(&mut self) -> Result<(), WindowError> {
        if let Window::Running(_) = self.window {
            self.window = Window::knock(&self.folder).await?;
        }
        Ok(())
    }
}
