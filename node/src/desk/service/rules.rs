//! What is asked about rules: which are known, why a day is what it is, and that a new one shall count.

use serde_json::json;
use terrace_proto::wire;
use tonic::Status;

use super::status::{status_of, store_status};
use super::{Service, hand};
use crate::archive::issuing::IssuingRulesError;
use crate::desk::DeskError;
use crate::view;

impl Service {
    pub(super) async fn rules_issued(
        &self,
        request: wire::IssueRulesRequest,
    ) -> Result<wire::IssueRulesResponse, Status> {
        let hand = hand(request.hand);
        let mut writing = self.office.write().await;
        let issued = writing.archive.issue_rules(hand, &request.file, &request.text).await;
        drop(writing);
        let (digest, news) = issued.map_err(|error| match error {
            IssuingRulesError::Archive(error) => self.status(&DeskError::from(error)),
            IssuingRulesError::Pack(_)
            | IssuingRulesError::Calendar(_)
            | IssuingRulesError::Scope { .. }
            | IssuingRulesError::Name { .. } => Status::invalid_argument(error.to_string()),
        })?;
        self.office.tell(&news);
        Ok(wire::IssueRulesResponse { digest: digest.0.to_vec() })
    }

    pub(super) async fn rules_shown(&self) -> Result<wire::ShowRulesResponse, Status> {
        let issued = self.office.store().issued_rules().await;
        let issued = issued.map_err(|error| store_status(&error))?;
        let rules = self.office.write().await.archive.rules().clone();
        let text = |digest| {
            let of_it = |one: &&crate::store::IssuedRules| {
                terrace_proto::digest::Digest::of(&[one.text.as_bytes()]) == digest
            };
            issued.iter().find(of_it).map(|one| one.text.as_str())
        };
        let packs: Vec<_> =
            rules.packs().iter().map(|pack| view::rules::pack(pack, text(pack.digest()))).collect();
        let documents: Vec<_> = rules.documents().iter().map(view::rules::document).collect();
        let calendar = rules.calendar();
        let (from, to) = calendar.covers();
        let calendar = json!({
            "digest": calendar.digest().to_string(), "from": from.to_string(), "to": to.to_string(),
        });
        let json = json!({ "packs": packs, "documents": documents, "calendar": calendar });
        Ok(wire::ShowRulesResponse { json: json.to_string() })
    }

    pub(super) async fn rules_explained(
        &self,
        request: wire::ExplainRulesRequest,
    ) -> Result<wire::ExplainRulesResponse, Status> {
        let id = self.find(&request.case_name).await?;
        let writing = self.office.write().await;
        let case = writing.archive.case(id).await;
        let (rules, tree) = (writing.archive.rules().clone(), writing.archive.tree());
        drop(writing);
        let case = case.map_err(|error| status_of(&error.into()))?;
        let unknown = || status_of(&DeskError::UnknownCase(request.case_name.clone()));
        let case = case.ok_or_else(unknown)?;
        let json = view::rules::explain(&case, &rules, tree, self.office.now()).to_string();
        Ok(wire::ExplainRulesResponse { json })
    }
}
