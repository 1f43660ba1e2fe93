//! What the county does beside single cases: a leader's day with bookings, old cases to be settled, tickets at its hall.
//!
//! Told as commands at its window, each tried until its answer is there.

use jiff::{Timestamp, ToSpan as _};
use terrace_node::window::Window;
use terrace_proto::case::standing::day_of;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire::act_request::Act;
use terrace_proto::wire::body::Content;
use terrace_proto::wire::{self, ActRequest, Body, EnterRequest};

use super::cast::Player;
use super::script::{hand, persist, persist_or};

/// Plays them over some of the cases that are still open in the county.
pub(super) async fn play(county: &Player, numbers: &[String]) -> anyhow::Result<()> {
    let today = day_of(Timestamp::now());
    let announced = wire::ReceptionAnnounced {
        leader: Some(wire::Leader {
            name: "（演示）".into(), post: "副县长".into(), level: 3
        }),
        held_on: days_of(today.checked_add(3.days())?),
        place: "县信访接待大厅".into(),
        seats: 5,
        form: 1,
        topics: "农田水利".into(),
    };
    let day = enter(county, Content::ReceptionAnnounced(announced)).await?;
    enter(county, Content::TicketDrawn(wire::TicketDrawn { number: 0, sort: 1 })).await?;
    for number in numbers.iter().take(2) {
        say(
            county,
            number,
            Content::ReceptionBooked(wire::ReceptionBooked { reception: day.clone() }),
        )
        .await?;
        let reason = "（演示）多年未解决".to_owned();
        say(county, number, Content::BacklogListed(wire::BacklogListed { reason })).await?;
    }
    Ok(())
}

async fn enter(office: &Player, content: Content) -> anyhow::Result<Vec<u8>> {
    let body = Some(Body { salt: Vec::new(), content: Some(content) });
    let request = EnterRequest { hand: Some(hand("", "2001")), body };
    let entered = persist(office, async |window: &mut Window| window.enter(request.clone()).await);
    Ok(entered.await?.leaf)
}

async fn say(office: &Player, number: &str, content: Content) -> anyhow::Result<()> {
    let body = Body { salt: Vec::new(), content: Some(content) };
    let request = ActRequest {
        hand: Some(hand("", "2001")),
        case_name: number.into(),
        act: Some(Act::Say(body)),
        ..ActRequest::default()
    };
    // If the answer was lost, the same is turned down the second time.
    let said = persist_or(office, async |window: &mut Window| window.act(request.clone()).await);
    said.await.map(drop)
}
