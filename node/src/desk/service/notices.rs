//! What is asked about the papers of a case: its documents, and its whole file.

use terrace_proto::wire;
use tonic::Status;

use super::Service;
use super::status::{status_of, store_status};
use crate::desk::DeskError;
use crate::dossier;

impl Service {
    pub(super) async fn notices_shown(
        &self,
        request: wire::ShowNoticesRequest,
    ) -> Result<wire::ShowNoticesResponse, Status> {
        let id = self.find(&request.case_name).await?;
        let case = self.office.write().await.archive.case(id).await;
        let case = case.map_err(|error| status_of(&error.into()))?;
        let unknown = || status_of(&DeskError::UnknownCase(request.case_name.clone()));
        let case = case.ok_or_else(unknown)?;
        let notices = self.office.notices();
        let made = notices.of(&case).await.map_err(|error| store_status(&error))?;
        let shown = made.into_iter().map(|notice| {
            // One template that is wrong keeps no other document from being written.
            let (html, problem) = match notices.write(&notice) {
                Ok(html) => (html, String::new()),
                Err(error) => (String::new(), error.to_string()),
            };
            wire::NoticeShown {
                form: notice.form.code().to_owned(),
                title_zh: notice.form.zh().to_owned(),
                title_en: notice.form.en().to_owned(),
                leaf: notice.leaf.0.to_vec(),
                made_at: notice.made_at.as_millisecond(),
                html,
                problem,
            }
        });
        Ok(wire::ShowNoticesResponse { notices: shown.collect() })
    }

    pub(super) async fn dossier_shown(
        &self,
        request: wire::ShowDossierRequest,
    ) -> Result<wire::ShowDossierResponse, Status> {
        let id = self.find(&request.case_name).await?;
        let case = self.office.write().await.archive.case(id).await;
        let case = case.map_err(|error| status_of(&error.into()))?;
        let unknown = || status_of(&DeskError::UnknownCase(request.case_name.clone()));
        let case = case.ok_or_else(unknown)?;
        let papers = dossier::papers(&self.office, &case).await;
        let papers = papers.map_err(|error| status_of(&error.into()))?;
        let papers = papers.into_iter().map(|(name, bytes)| wire::Paper { name, bytes });
        Ok(wire::ShowDossierResponse { papers: papers.collect() })
    }
}
