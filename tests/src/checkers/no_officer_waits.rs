//! Rule 4: no officer waits for the network. Every command is answered at once, whatever the links do; a
//! registration is never refused, and neither is a lawful step of the custodian, unless the disk is.

use super::Checker;
use crate::world::Offices;
use crate::world::step::Step;

/// Watches the desks.
#[derive(Debug, Default)]
pub(super) struct NoOfficerWaits;

impl Checker for NoOfficerWaits {
    fn rule(&self) -> &'static str {
        "4 no officer waits for the network"
    }

    fn check(&mut self, step: &Step, _offices: &Offices) -> Result<(), String> {
        for order in &step.orders {
            let office = order.office.short();
            if order.waited {
                return Err(format!("{office}: an officer waits to {}", order.what));
            }
            if let Some(why) = order.refused.as_ref().filter(|_| order.due && !order.hindered) {
                return Err(format!("{office}: refuses to {}: {why}", order.what));
            }
        }
        Ok(())
    }
}
