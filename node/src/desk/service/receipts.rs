//! What is asked about receipts: those of a case, what one is worth, and an entry that one promises.

use serde_json::json;
use terrace_proto::receipt::{Receipt, Unchecked};
use terrace_proto::wire;
use tonic::Status;

use super::status::store_status;
use super::{Service, hand};
use crate::desk::DeskError;
use crate::receipt;

impl Service {
    pub(super) async fn receipts_shown(
        &self,
        request: wire::ShowReceiptsRequest,
    ) -> Result<wire::ShowReceiptsResponse, Status> {
        let id = self.find(&request.case_name).await?;
        let case = self.office.write().await.archive.case(id).await;
        let case = case.map_err(|error| self.status(&error.into()))?;
        let unknown = || Status::not_found(DeskError::UnknownCase(request.case_name).to_string());
        let case = case.ok_or_else(unknown)?;
        let given = self.office.receipts().given(&case).await;
        let mut receipts = Vec::new();
        for given in given.map_err(|error| store_status(&error))? {
            let mut text = given.note;
            if request.evidence {
                text += &self.evidence(&given.receipt).await?;
            }
            let json = receipt::told::receipt(&given.receipt).to_string();
            receipts.push(wire::GivenReceipt { text, json });
        }
        Ok(wire::ShowReceiptsResponse { receipts })
    }

    pub(super) async fn receipt_examined(
        &self,
        request: wire::ExamineReceiptRequest,
    ) -> Result<wire::ExamineReceiptResponse, Status> {
        let shown = Unchecked::read(&request.text);
        let shown = shown.map_err(|error| Status::invalid_argument(error.to_string()))?;
        let verdict = self.office.receipts().examine(&shown).await;
        let verdict = verdict.map_err(|error| self.status(&error.into()))?;
        let evidence = self.evidence(shown.receipt()).await?;
        let text = if evidence.is_empty() { evidence } else { shown.note() + &evidence };
        let accesses = self.office.receipts().accesses(&verdict).await;
        let accesses = accesses.map_err(|error| store_status(&error))?;
        let mut told = receipt::told::verdict(&verdict);
        told["access_log"] = json!(accesses);
        Ok(wire::ExamineReceiptResponse { json: told.to_string(), text })
    }

    pub(super) async fn entry_asked_for(
        &self,
        request: wire::AskForEntryRequest,
    ) -> Result<wire::AskForEntryResponse, Status> {
        let shown = Unchecked::read(&request.receipt);
        let shown = shown.map_err(|error| Status::invalid_argument(error.to_string()))?;
        let verdict = self.office.receipts().examine(&shown).await;
        let verdict = verdict.map_err(|error| self.status(&error.into()))?;
        let asked = verdict.is_missing();
        if asked {
            let news = self.office.write().await.archive.ask(hand(request.hand), &shown).await;
            self.office.tell(&news.map_err(|error| self.status(&error.into()))?);
        }
        let json = receipt::told::verdict(&verdict).to_string();
        Ok(wire::AskForEntryResponse { json, asked })
    }

    /// The block of evidence behind a receipt; empty where this office holds none.
    async fn evidence(&self, receipt: &Receipt) -> Result<String, Status> {
        let evidence = self.office.receipts().evidence(receipt).await;
        let evidence = evidence.map_err(|error| self.status(&error.into()))?;
        Ok(evidence.map(|evidence| evidence.armour()).unwrap_or_default())
    }
}
