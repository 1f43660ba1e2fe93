//! What is asked about organs: that some are proposed, and what the registry says on a day.

use jiff::civil::Date;
use serde_json::{Value, json};
use terrace_proto::case::standing::day_of;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::date_of;
use terrace_proto::organ::{Organ, OrganCode};
use terrace_proto::wire;
use tonic::Status;

use super::{LIST_LIMIT, Service, hand};
use crate::view;

impl Service {
    pub(super) async fn organs_proposed(
        &self,
        request: wire::ProposeOrgansRequest,
    ) -> Result<wire::ProposeOrgansResponse, Status> {
        let invalid = |error: String| Status::invalid_argument(error);
        let batch: Result<Vec<Organ>, _> = request.organs.iter().map(Organ::read).collect();
        let batch = batch.map_err(|error| invalid(error.to_string()))?;
        let hand = hand(request.hand);
        let mut writing = self.office.write().await;
        let done = writing.desk().propose_organs(&hand, &batch, request.whole).await;
        drop(writing);
        let (taken, sifted) = done.map_err(|error| self.status(&error))?;
        if let Some(taken) = &taken {
            self.office.tell(&taken.news);
        }
        let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let refused = sifted.refused.into_iter();
        Ok(wire::ProposeOrgansResponse {
            leaf: taken.map(|taken| taken.entry.leaf().0.to_vec()).unwrap_or_default(),
            known: sifted.known.into_iter().map(place).collect(),
            refused: refused
                .map(|(at, why)| wire::RefusedOrgan { place: place(at), why: why.to_string() })
                .collect(),
        })
    }

    pub(super) async fn organs_shown(
        &self,
        request: wire::ShowOrgansRequest,
    ) -> Result<wire::ShowOrgansResponse, Status> {
        let invalid = |error: String| Status::invalid_argument(error);
        let day = match request.on {
            Some(days) => date_of(days).map_err(|error| invalid(error.to_string()))?,
            None => day_of(self.office.now()),
        };
        let registry = self.office.write().await.archive.organs().clone();
        let tree = self.office.tree();
        let json = if request.proposals {
            let open = registry.open().into_iter();
            let open: Vec<Value> = open.map(|one| view::organ::proposal(&registry, one)).collect();
            let irregular: Vec<Value> =
                registry.irregular().iter().map(view::organ::irregular).collect();
            json!({ "proposals": open, "irregular": irregular })
        } else if request.code.is_empty() {
            let division = match request.division.as_str() {
                "" => self.office.identity().me.author,
                text => text
                    .parse::<DivisionCode>()
                    .map_err(|error| invalid(format!("{text:?}: {error}")))?,
            };
            let free = registry.free(division).map(|code| code.to_string());
            let mut told = self.organs_of(&registry, (division, &request), day);
            told["free"] = json!(free);
            told
        } else {
            let code = request.code.parse::<OrganCode>();
            let code = code.map_err(|error| invalid(error.to_string()))?;
            let told = view::organ::on(&registry, tree, code, day);
            if told.is_null() {
                return Err(Status::not_found(format!(
                    "机构 {code} 未登记 is not registered here"
                )));
            }
            json!({ "organ": told, "history": view::organ::history(&registry, code) })
        };
        Ok(wire::ShowOrgansResponse { json: json.to_string() })
    }

    /// A page of the organs of a division, or of its whole subtree.
    fn organs_of(
        &self,
        registry: &terrace_proto::organ::Registry,
        (division, request): (DivisionCode, &wire::ShowOrgansRequest),
        day: Date,
    ) -> Value {
        let tree = self.office.tree();
        let after = OrganCode::from_number(request.after).ok();
        let limit = if request.limit == 0 { LIST_LIMIT } else { request.limit.min(LIST_LIMIT) };
        let wanted = |code: &OrganCode| {
            let at = code.division();
            at == division || request.below && tree.is_within(at, division)
        };
        let there = |code: &OrganCode| registry.standing(*code, day).is_ok();
        let codes = registry.codes_after(after).filter(wanted).filter(there);
        let page: Vec<OrganCode> = codes.take(limit as usize).collect();
        let full = page.len() == limit as usize;
        let after = page.last().filter(|_| full).map(|code| code.number());
        let organs: Vec<Value> =
            page.into_iter().map(|code| view::organ::on(registry, tree, code, day)).collect();
        json!({ "on": day.to_string(), "division": division.short(), "organs": organs, "after": after })
    }
}
