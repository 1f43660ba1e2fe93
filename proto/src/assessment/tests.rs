//! Schemes read, refused and scored. The county scheme is that of Dachuan, Sichuan, as far as it is known: four weights
//! and the minus point. What stands for the other seventy points was not seen and is ours, and so are its days.

use super::*;
use crate::figure::Figure;
use crate::figure::share::Share;

const DACHUAN: &str = r#"scheme = "达川区信访工作目标考核"
name_en = "Dachuan district: assessment of petition work"
issuer = "达川区"
number = "文号未见 not seen"
from = 2015-01-01

[[items]]
name = "及时受理率"
name_en = "Timely acceptance"
weight = 5
measure = "office_acceptance"
evidence = ["figure:office_acceptance"]

[[items]]
name = "按期答复率"
name_en = "Answered on schedule"
weight = 10
measure = "on_schedule"
evidence = ["figure:on_schedule"]

[[items]]
name = "满意率"
name_en = "Satisfaction"
weight = 10
measure = "unit_satisfaction"
evidence = ["figure:unit_satisfaction"]

[[items]]
name = "参评率"
name_en = "Participation"
weight = 5
measure = "participation"
evidence = ["figure:participation"]

[[items]]
name = "文书送达（其余各项未见，由此代替）"
name_en = "Documents served (stands for what was not seen)"
weight = 70
measure = "documents_served"
evidence = ["entry:served", "document:R2022 32"]
"#;

const MINUS: &str = r#"
[[items]]
name = "重复信访每增加一件扣1分"
name_en = "Minus 1 point for each additional repeat petition"
weight = -1
measure = "repeat_petitions"
evidence = ["roll:links"]
"#;

fn faults(text: &str) -> Vec<(usize, &'static str)> {
    let faults = Scheme::read(text).unwrap_err();
    faults.iter().map(|fault| (fault.line, fault.wrong.code())).collect()
}

/// Fixture F1: the county scheme is sound without its last item, and refused with it.
#[test]
fn the_county_scheme_is_accepted_without_its_minus_point() {
    let scheme = Scheme::read(DACHUAN).unwrap();
    let weights: Vec<u32> = scheme.items().iter().map(Item::weight).collect();
    assert_eq!(weights, [5, 10, 10, 5, 70]);
    assert_eq!(scheme.names().0, "达川区信访工作目标考核");
    assert_eq!(scheme.items()[1].measure(), Measure::Rate(Figure::OnSchedule));
    assert_eq!(scheme.items()[2].evidence(), [Evidence::Figure(Figure::UnitSatisfaction)]);
}

#[test]
fn the_minus_point_is_refused_with_its_reason_and_what_to_use_instead() {
    let told = Scheme::read(&format!("{DACHUAN}{MINUS}")).unwrap_err();
    let told: Vec<String> = told.iter().map(|fault| format!("{}: {fault}", fault.line)).collect();
    assert_eq!(
        told,
        [
            "43: “重复信访每增加一件扣1分”计入重复信访，见“重复信访”。原因：重复信访说明前一次没有办好、没有答复清楚；扣分只会让人不再登记，不会让事情办好。办法：改用 on_schedule (按期办结率), opinions_carried_out (支持意见执行到位)。\n    it counts repeat petitions (重复信访). Why: a repeat petition says that the first one was not settled or not explained; taking points for it makes offices stop registering, not start settling. Instead: use on_schedule (completed on schedule), opinions_carried_out (opinions carried out).",
            "45: “重复信访每增加一件扣1分”权重 -1 是扣分。原因：扣分项没有分母，办得再好也得不到分，瞒报却能少扣分。办法：改为衡量职责是否履行的正分项目。\n    a weight of -1 takes points off. Why: what is taken off has no denominator: no work well done earns it back, and hiding what happened does. Instead: give points for a duty that was kept.",
            "46: “重复信访每增加一件扣1分”没有“repeat_petitions”这一衡量指标。原因：只能衡量职责是否履行。办法：可用：office_acceptance, unit_acceptance, on_schedule, participation, unit_satisfaction, office_satisfaction, package_settlement, documents_served, registers_complete, reception_days_held, training_passed, packages_tested, supervision_answered, reports_back, opinions_carried_out, reviews_on_time, suggestions_answered, urgent_reported。\n    there is no measure repeat_petitions. Why: nothing but duties kept can be measured. Instead: there are office_acceptance, unit_acceptance, on_schedule, participation, unit_satisfaction, office_satisfaction, package_settlement, documents_served, registers_complete, reception_days_held, training_passed, packages_tested, supervision_answered, reports_back, opinions_carried_out, reviews_on_time, suggestions_answered, urgent_reported.",
        ]
    );
}

/// Whatever it says it measures, an item that names what may not be counted is refused.
#[test]
fn an_item_that_counts_is_refused_by_its_words_too() {
    for (words, code) in [
        ("零上访", "volume"),
        ("非正常上访", "abnormal"),
        ("赴京访", "capital"),
        ("越级访", "cross-level"),
        ("集体访", "joint"),
        ("重点人员", "persons"),
    ] {
        let text = DACHUAN.replace("\"参评率\"", &format!("\"{words}\""));
        let refused = Scheme::read(&text).unwrap_err();
        let [Fault { line: 29, item: Some(item), wrong: Wrong::Counts { key, counted, .. } }] =
            refused.as_slice()
        else {
            panic!("{words}: {refused:?}")
        };
        assert_eq!((item.as_str(), *key, counted.code()), (words, "name", code));
    }
    let noted = DACHUAN.replace(
        "weight = 5\nmeasure = \"part",
        "note = \"ZERO PETITIONS\"\nweight = 5\nmeasure = \"part",
    );
    assert_eq!(faults(&noted), [(31, "counts")]);
    let named = DACHUAN.replace("目标考核", "目标考核（信访量排名）");
    assert_eq!(faults(&named), [(1, "counts")]);
    let measured = DACHUAN.replace("measure = \"participation\"", "measure = \"intakes\"");
    assert_eq!(faults(&measured), [(32, "unknown-measure"), (32, "counts")]);
}

#[test]
fn all_faults_are_named_at_once_each_in_its_line() {
    let text = DACHUAN
        .replace("issuer = \"达川区\"\n", "issuer = \" \"\n")
        .replace("from = 2015-01-01", "from = 2015-01-01\nto = 2014-12-31")
        .replace("weight = 5\nmeasure = \"office_acceptance\"", "weight = 6\nmeasure = \"speed\"")
        .replace("evidence = [\"figure:on_schedule\"]", "evidence = []\nsort = 1")
        .replace("\"figure:unit_satisfaction\"", "\"roll:petitioners\"")
        .replace("name = \"参评率\"", "name = \"满意率\"")
        .replace("\"entry:served\", ", "");
    assert_eq!(
        faults(&text),
        [
            (3, "missing"),
            (6, "backwards"),
            (12, "unknown-measure"),
            (20, "no-evidence"),
            (21, "unknown-key"),
            (28, "unlinked"),
            (28, "elsewhere"),
            (31, "same-name"),
            (40, "sum"),
            (42, "elsewhere"),
        ]
    );
}

#[test]
fn a_file_that_is_no_scheme_is_refused_and_never_breaks_the_reader() {
    for (from, to, wanted) in [
        ("from = 2015-01-01", "from = \"2015-01-01\"", vec![(5, "type")]),
        ("from = 2015-01-01\n", "", vec![(1, "missing")]),
        ("weight = 70", "weight = 70.5", vec![(38, "type")]),
        ("weight = 70", "weight = 0", vec![(38, "weight"), (38, "sum")]),
        ("weight = 70", "weight = 9223372036854775807", vec![(38, "weight"), (38, "sum")]),
        ("weight = 70\n", "", vec![(36, "missing")]),
        ("evidence = [\"figure:unit_satisfaction\"]", "evidence = 3", vec![(26, "type")]),
        ("scheme = ", "scheme ", vec![(1, "form")]),
    ] {
        let text = DACHUAN.replace(from, to);
        assert_ne!(text, DACHUAN, "{from}");
        assert_eq!(faults(&text), wanted, "{from} -> {to}");
    }
    assert_eq!(faults("items = 3"), [(1, "form")]);
    let empty = faults("");
    assert!(empty.contains(&(1, "no-items")) && empty.contains(&(1, "missing")), "{empty:?}");
}

fn figures(satisfied: Option<Share>) -> Figures {
    let rate = |rate, of, all| (Measure::Rate(rate), Share { of, all });
    let mut figures = Figures::from([
        rate(Figure::OfficeAcceptance, 93, 97),
        rate(Figure::OnSchedule, 1, 8),
        rate(Figure::Participation, 0, 0),
        (Measure::Deed(Deed::DocumentsServed), Share { of: 40, all: 40 }),
    ]);
    figures.extend(satisfied.map(|share| (Measure::Rate(Figure::UnitSatisfaction), share)));
    figures
}

#[test]
fn a_score_shows_its_arithmetic_and_what_was_not_due() {
    let scheme = Scheme::read(DACHUAN).unwrap();
    let score = Score::of(&scheme, &figures(Some(Share { of: 768, all: 1_000 })));
    assert_eq!(
        score.to_string(),
        "及时受理率 Timely acceptance: 5 × 93 ÷ 97 = 4.8\n\
         按期答复率 Answered on schedule: 10 × 1 ÷ 8 = 1.3\n\
         满意率 Satisfaction: 10 × 768 ÷ 1000 = 7.7\n\
         参评率 Participation: n/a（本期无应办事项，5 分不计入满分 nothing was due, its 5 are out of the whole）\n\
         文书送达（其余各项未见，由此代替） Documents served (stands for what was not seen): 70 × 40 ÷ 40 = 70.0\n\
         合计 in all: 83.8 / 95 = 88.2 / 100"
    );
    assert_eq!(Score::of(&scheme, &Figures::new()).of_hundred(), Some(0));
    let nothing = Measure::all().map(|measure| (measure, Share::default())).collect();
    assert_eq!(Score::of(&scheme, &nothing).of_hundred(), None);
}

/// Whoever withholds a figure has no more for it than whoever shows a bad one.
#[test]
fn a_figure_that_is_not_given_or_cannot_be_earns_nothing() {
    let scheme = Scheme::read(DACHUAN).unwrap();
    let withheld = Score::of(&scheme, &figures(None));
    let bad = Score::of(&scheme, &figures(Some(Share { of: 0, all: 9 })));
    let forged = Score::of(&scheme, &figures(Some(Share { of: u64::MAX, all: 9 })));
    for score in [&withheld, &forged] {
        assert_eq!((score.tenths(), score.out_of()), (bad.tenths(), bad.out_of()));
    }
    assert!(withheld.to_string().contains("no figure was given"));
    assert!(forged.to_string().contains("cannot be"));
    let most = Share { of: u64::MAX, all: u64::MAX };
    assert_eq!(Score::of(&scheme, &figures(Some(most))).lines()[2].tenths(), 100);
}

#[test]
fn offices_stand_in_the_order_of_their_codes() {
    let scheme = Scheme::read(DACHUAN).unwrap();
    let office = |code: &str| code.parse::<crate::division::DivisionCode>().unwrap();
    let good = figures(Some(Share { of: 9, all: 9 }));
    let offices = [(office("410222"), good), (office("410221"), Figures::new())].into();
    let table = Table::of(&scheme, &offices);
    let order: Vec<_> = table.rows().map(|(office, _)| office.short()).collect();
    assert_eq!(order, ["410221", "410222"], "and not by their points");
}
