//! The cut: wherever journals are cut, and whenever.

use super::*;

/// Wherever the journals of five offices are cut, a case is in one place.
#[tokio::test]
async fn wherever_journals_are_cut_a_case_is_in_one_place_and_counted_once() {
    let mut line = five_levels().await;
    let case = line.register(TOWN).await;
    line.hop(case, TOWN, COUNTY, None).await;
    line.climb().await;
    line.act(case, COUNTY_OFFICE, Content::Received(wire::Received::default())).await.unwrap();
    line.to_unit(case, COUNTY).await;
    line.act(case, BUREAU, Content::Accepted(wire::Accepted::default())).await.unwrap();
    line.climb().await;
    let root = line.at("00").archive.store().clone();
    let held = line.case("00", case).await;
    let ids: Vec<_> = held.facts().values().map(|fact| fact.header().id()).collect();
    let entries = root.entries_at(&ids).await.unwrap();
    let mut entries: Vec<_> =
        entries.into_iter().map(|one| (one.id, one.into_entry().unwrap())).collect();
    entries.sort_by_key(|(id, _)| *id);
    let (town, county) = (code(TOWN), code(COUNTY));
    let mut places = std::collections::BTreeSet::new();
    let count = |author| entries.iter().filter(|(id, _)| id.journal.author == author).count();
    for of_town in 0..=count(town) {
        for of_county in 0..=count(county) {
            let mut left = std::collections::BTreeMap::from([(town, of_town), (county, of_county)]);
            let mut cut = Case::new(case);
            for (id, entry) in &entries {
                let left = left.get_mut(&id.journal.author).unwrap();
                if *left > 0 {
                    *left -= 1;
                    cut.take(entry);
                }
            }
            cut.derive(Tree::national());
            let holders = cut.threads().values().filter(|thread| cut.successor(thread).is_none());
            let holders: Vec<_> = holders.map(|thread| thread.holder().clone()).collect();
            assert_eq!(holders.len(), usize::from(of_town > 1), "{of_town} and {of_county}");
            places.extend(holders);
        }
    }
    let places: Vec<String> = places.iter().map(|holder| holder.division.short()).collect();
    assert_eq!(places, [COUNTY, COUNTY, TOWN], "the unit, its petition office, the town");
}

/// Figures as of an hour that has passed are those of what had been stored by then.
#[tokio::test]
async fn figures_can_be_asked_for_as_of_an_hour_that_has_passed() {
    let mut line = five_levels().await;
    served(&mut line).await;
    line.climb().await;
    line.clock.pass(24 * 90);
    let (then, store) = (line.clock_now(), line.at("00").archive.store().clone());
    let before = table(&mut line, "00", "2026").await;
    line.clock.pass(1);
    for _ in 0..3 {
        served(&mut line).await;
    }
    line.climb().await;
    let view = store.frozen().await.unwrap();
    let cut = cutting::at(view.as_ref(), then).await.unwrap();
    assert_ne!(cut, cutting::present(view.as_ref()).await.unwrap());
    let period = Period::read("2026").unwrap().passed(then);
    let counted = counted(view.as_ref(), &cut, (DivisionCode::HUB, period)).await;
    assert_eq!(counted.cases, 1);
    assert_eq!(Table::of(Tree::national(), DivisionCode::HUB, period, &counted.tally), before);
    assert_ne!(counted.tally, Tally::default());
}
